import type { CompareCopy } from './compare'

export const compareEnglish: CompareCopy = {
  heading: 'One question, several models',
  lead: 'Side by side, with the place in the line and the time to the first word of each.',
}
