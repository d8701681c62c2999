import type { TaskCopy } from './task'

export const taskEnglish: TaskCopy = {
  heading: 'A job that outlives its page',
  lead: 'Steps, percent and time left; load the page again in the middle, or cancel it.',
}
