import type { LiveCopy } from './live'

export const liveKorean: LiveCopy = {
  heading: '모두에게 같은 소식',
  lead: '모두에게 보내는 토픽과 한 사람에게 보내는 메시지를 탭 두 개로 확인해 보세요.',
}
