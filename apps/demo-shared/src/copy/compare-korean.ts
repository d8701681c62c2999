import type { CompareCopy } from './compare'

const number = (value: number, digits = 0) =>
  value.toLocaleString('ko', { minimumFractionDigits: digits, maximumFractionDigits: digits })

export const compareKorean: CompareCopy = {
  heading: '질문 하나, 여러 모델의 답변',
  lead: '모든 모델에 동시에 물어봐요. 차례를 기다리는 모델은 순번이 보이고, 막대는 모두 같은 시점에서 시작해요.',

  question: '질문',
  example: '답변을 받는 중에 네트워크가 끊기면 어떻게 해야 하나요?',
  ask: '모두에게 묻기',
  stopAll: '모두 중지',
  hint: 'Enter로 묻고, Shift + Enter로 줄을 바꿔요',

  models: '모델',
  modelsHint: '1개에서 4개까지 고를 수 있어요',
  describe: ({ ko }) => ko,
  loading: '모델 목록을 불러오고 있어요',
  loadFailed: '모델 목록을 불러오지 못했어요.',
  loadAgain: '다시 시도',

  atOnce: '동시에 답할 모델 수',
  atOnceHint: '나머지는 차례를 기다려요',

  times: '시간',
  legs: { queued: '차례를 기다린 시간', waiting: '첫 토큰까지', writing: '답변하는 시간' },
  rank: (rank) => `${rank}위`,
  figures: { firstToken: '첫 토큰', rate: '속도', tokens: '토큰', cost: '비용' },
  mark: (milliseconds) => (milliseconds === 0 ? '0' : `${milliseconds / 1_000}초`),
  seconds: (milliseconds) => `${number(milliseconds / 1_000, 2)}초`,
  perSecond: (tokens) => `초당 ${number(tokens)}개`,
  count: (tokens) => `${number(tokens)}개`,
  atLeast: (figure) => `${figure} 이상`,
  cost: (amount, currency) => amount.toLocaleString('ko', { style: 'currency', currency, maximumSignificantDigits: 2 }),

  answers: '답변',
  states: {
    idle: '아직 묻지 않았어요',
    pending: '첫 토큰을 기다리고 있어요',
    thinking: '생각하고 있어요',
    streaming: '답변하고 있어요',
    done: '답변을 마쳤어요',
    stopped: '중지했어요',
    interrupted: '중간에 끊겼어요',
    failed: '답변하지 못했어요',
  },
  reasoning: '생각한 과정',
  tool: '도구 호출',
  stop: (model) => `중지: ${model}`,
  stopShort: '중지',
  askAgain: (model) => `다시 묻기: ${model}`,
  askAgainShort: '다시 묻기',
  kept: '받은 내용은 그대로 있어요.',
  details: '자세히',

  announce: {
    under: (over, asked) => `답변 ${asked}개 중 ${over}개가 끝났어요.`,
    over: (asked, first) =>
      asked === 1 ? '답변이 끝났어요.' : `답변 ${asked}개가 모두 끝났어요. ${first} 모델이 가장 먼저 시작했어요.`,
    none: '받은 답변이 없어요.',
  },
}
