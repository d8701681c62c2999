import type { CompareCopy } from './compare'

export const compareKorean: CompareCopy = {
  heading: '질문 하나에 여러 모델',
  lead: '대기 순서와 첫 글자까지 걸린 시간을 나란히 비교해 보세요.',
}
