import type { LabCopy } from './lab'

export const labKorean: LabCopy = {
  heading: '차이를 직접 보세요',
  lead: '연결을 끊으면서 같은 스트림을 Keepstream과 다른 두 방법으로 비교해 보세요.',
}
