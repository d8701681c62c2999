const LINE_FEED = 10
const CARRIAGE_RETURN = 13

/** How many bytes a part of `text` takes in UTF-8. */
export function byteLength(text: string, start: number, end: number): number {
  let bytes = 0
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index)
    // Either half of a surrogate pair stands for two of its four bytes.
    bytes += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3
  }
  return bytes
}

/** How many bytes follow the last line break of `bytes`; all of them where there is none. */
export function bytesAfterLastLine(bytes: Uint8Array): number {
  let start = bytes.length
  while (start > 0 && bytes[start - 1] !== LINE_FEED && bytes[start - 1] !== CARRIAGE_RETURN) start--
  return bytes.length - start
}
