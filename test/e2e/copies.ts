declare global {
  /** What the page has put on the clipboard, oldest first. */
  var copies: string[]
}

/**
 * Runs in a page before anything of its own. Nobody reads the clipboard itself: there is one for all pages of a browser, and
 * those of other tests write to it too.
 */
export function noteCopies(): void {
  globalThis.copies = []
  const { clipboard } = navigator
  // Absent where the address is not to be trusted, such as `about:blank`.
  if (!clipboard) return
  const write = clipboard.writeText.bind(clipboard)
  clipboard.writeText = async (text) => {
    await write(text)
    copies.push(text)
  }
}
