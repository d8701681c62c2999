import type { LabCopy } from './lab'

export const labEnglish: LabCopy = {
  heading: 'See the difference',
  lead: 'The same stream through Keepstream and two others, while you break the connection.',
}
