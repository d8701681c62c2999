import { chatEnglish } from './chat-english'
import { compareEnglish } from './compare-english'
import type { Copy } from './copy'
import { labEnglish } from './lab-english'
import { liveEnglish } from './live-english'
import { shellEnglish } from './shell-english'
import { taskEnglish } from './task-english'

export const english: Copy = {
  ...shellEnglish,
  chat: chatEnglish,
  compare: compareEnglish,
  task: taskEnglish,
  live: liveEnglish,
  lab: labEnglish,
}
