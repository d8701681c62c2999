import type { ChatCopy } from './chat'

const number = new Intl.NumberFormat('ko')
const moment = new Intl.DateTimeFormat('ko', { dateStyle: 'medium', timeStyle: 'short' })

const lasting = (minutes: number) => (minutes % 60 === 0 ? `${minutes / 60}시간` : `${minutes}분`)

export const chatKorean: ChatCopy = {
  heading: '채팅',
  welcome: {
    heading: '질문하고, 선을 뽑아 보세요.',
    lead: '아래 버튼은 이 페이지와 서버 사이의 실제 연결을 끊어요. 그래도 답변은 끝까지 이어져요. 빠지는 글자도, 두 번 나오는 글자도 없고, 모델은 한 번만 호출돼요.',
    suggestionsLabel: '이런 질문은 어떠세요?',
    suggestions: [
      '네트워크가 끊겨도 답변이 이어지려면 어떻게 해야 하나요?',
      '웹소켓과 SSE는 어떤 차이가 있나요?',
      '타입스크립트로 디바운스 함수를 만들어 주세요',
    ],
  },

  conversationLabel: '대화',
  you: '나',
  assistant: 'AI 답변',
  thinking: '답변을 준비하고 있어요',
  jumpToEnd: '맨 아래로 이동',
  copyAnswer: '답변 복사',
  copied: '복사했어요',

  reasoning: { running: '생각하는 중', over: '생각한 과정 보기' },

  tool: {
    running: '도구 호출 중',
    over: '도구',
    result: '결과',
    event: (title, start, minutes) => `${title}: ${moment.format(start)}, ${lasting(minutes)}`,
    told: '다음 질문을 보낼 때 모델에도 결과를 알려 줘요.',
    save: '캘린더에 저장',
  },

  edit: {
    begin: '질문 수정',
    label: '질문 다시 쓰기',
    send: '이 질문으로 다시 묻기',
    cancel: '취소',
    hint: '이 질문 뒤의 대화는 사라져요.',
  },

  composer: {
    label: '질문',
    placeholder: '무엇이든 물어보세요',
    send: '보내기',
    stop: '중지',
    hintIdle: 'Enter로 보내고, Shift + Enter로 줄을 바꿔요',
    hintBusy: 'Esc로 답변을 멈출 수 있어요',
    clear: '새 대화',
  },

  settings: {
    open: '설정',
    heading: '설정',
    lead: '다음 질문부터 적용되고, 이 브라우저에 저장돼요.',
    model: '모델',
    modelLoading: '모델을 찾는 중',
    modelNone: '서버 기본 모델',
    temperature: '온도',
    temperatureHint: '0에 가까울수록 일관되고, 2에 가까울수록 다양해요.',
    maxTokens: '최대 길이',
    maxTokensHint: '토큰 수, 1~32,000',
    system: '시스템 프롬프트',
    systemHint: '대화를 시작하기 전에 모델에 알려 줄 내용이에요.',
    unset: '모델 기본값',
    reset: '초기화',
    done: '완료',
  },

  outcome: {
    done: '답변이 완성됐어요.',
    asked: (times) => (times === 1 ? '모델은 한 번만 호출됐어요.' : `모델은 ${times}번 호출됐어요.`),
    drops: (times) => `도중에 연결이 ${times}번 끊겼어요.`,
    stopped: '답변을 멈췄어요.',
    stopConfirmed: '모델에도 전달했어요.',
    stopping: '모델에 알리는 중이에요.',
    stopUnconfirmed: '서버에 연결할 수 없어서 모델이 아직 쓰고 있을 수 있어요.',
    interrupted: '답변이 중간에 끊겼어요',
    interruptedGone:
      '서버에 이 답변이 남아 있지 않아요. 서버가 다시 시작됐을 수 있어요. 받은 내용은 위에 그대로 있어요.',
    interruptedNetwork: '다시 연결하지 못했어요. 받은 내용은 위에 그대로 있고, 그 뒤부터 이어 받을 수 있어요.',
    interruptedAway: '서버가 답변을 끝까지 보내지 못했어요. 받은 내용은 위에 그대로 있어요.',
    interruptedLeft: '답변이 끝나기 전에 페이지를 떠났어요. 받은 내용은 위에 그대로 있어요.',
    left: '페이지를 닫을 때 진행 중이던 답변을 다시 찾지 못했어요.',
    failed: '답변을 받지 못했어요',
    failedNetwork: '서버에 연결할 수 없어요. 질문은 그대로 남아 있어요.',
    failedServer: '서버가 답변하지 못했어요.',
    details: '자세히',
    resume: '이어 받기',
    askAgain: '다시 질문하기',
  },

  usage: {
    tokens: (count) => `${number.format(count)} 토큰`,
    cost: money,
  },

  faults: {
    label: '끊어 보기',
    hint: '실제 연결에 적용돼요.',
    cut: { name: '끊기', effect: '모든 연결 끊김', announced: '모든 연결을 끊었어요.' },
    stall: { name: '멈춤', effect: '8초 동안 무응답', announced: '8초 동안 아무것도 오가지 않아요.' },
    refuse: { name: '거부', effect: '4초 동안 연결 거부', announced: '4초 동안 아무도 연결할 수 없어요.' },
    unreachable: '서버에 연결할 수 없어서 더 끊을 것이 없어요.',
  },

  announce: {
    pending: '답변을 준비하고 있어요.',
    waiting: '연결이 끊겼어요. 다시 연결하는 중이에요.',
    back: '다시 연결됐어요. 답변이 이어져요.',
    done: '답변이 완성됐어요.',
  },
}

function money(amount: number, currency: string): string {
  return new Intl.NumberFormat('ko', { style: 'currency', currency, maximumSignificantDigits: 2 }).format(amount)
}
