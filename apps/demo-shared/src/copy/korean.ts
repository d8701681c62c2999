import { chatKorean } from './chat-korean'
import { compareKorean } from './compare-korean'
import type { Copy } from './copy'
import { labKorean } from './lab-korean'
import { liveKorean } from './live-korean'
import { shellKorean } from './shell-korean'
import { taskKorean } from './task-korean'

export const korean: Copy = {
  ...shellKorean,
  chat: chatKorean,
  compare: compareKorean,
  task: taskKorean,
  live: liveKorean,
  lab: labKorean,
}
