/**
 * Which of the media types `offered` an `Accept` header wants most; the first of them where it does not care;
 * `undefined` where it wants none (RFC 9110 §12.5.1, without parameters other than `q`).
 */
export function preferred<T extends string>(accept: string | undefined, offered: readonly T[]): T | undefined {
  if (!accept) return offered[0]
  const only = offered.find((type) => type === accept)
  if (only) return only
  const ranges = accept.split(',').map(readRange)
  let best: T | undefined
  let bestWeight = 0
  for (const type of offered) {
    const weight = weigh(type, ranges)
    if (weight > bestWeight) {
      best = type
      bestWeight = weight
    }
  }
  return best
}

interface Range {
  readonly type: string
  readonly weight: number
}

function readRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1)
  return { type, weight: weight >= 0 && weight <= 1 ? weight : 0 }
}

/** The most specific range decides, whatever its weight. */
function weigh(type: string, ranges: readonly Range[]): number {
  for (const pattern of [type, `${type.split('/')[0]}/*`, '*/*']) {
    const range = ranges.find((candidate) => candidate.type === pattern)
    if (range) return range.weight
  }
  return 0
}
