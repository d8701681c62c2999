import type { TaskCopy } from './task'

export const taskKorean: TaskCopy = {
  heading: '페이지보다 오래 가는 작업',
  lead: '단계와 진행률, 남은 시간을 보여 줘요. 중간에 새로고침하거나 취소해 보세요.',
}
