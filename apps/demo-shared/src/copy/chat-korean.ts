import type { ChatCopy } from './chat'

export const chatKorean: ChatCopy = {
  heading: '채팅',
  welcome: {
    heading: '질문해 보세요. 그리고 선을 뽑아 보세요.',
    lead: '아래 버튼은 이 페이지와 서버 사이의 실제 연결을 끊습니다. 그래도 답변은 끝까지 이어집니다. 빠지는 글자도, 두 번 나오는 글자도 없고, 모델은 한 번만 호출됩니다.',
    suggestionsLabel: '이런 질문은 어떠세요?',
    suggestions: [
      '네트워크가 끊겨도 답변이 이어지려면 어떻게 해야 하나요?',
      '읽는 속도가 느린 사용자는 어떻게 다뤄야 하나요?',
      '실패한 요청은 언제 재시도해야 하나요?',
    ],
  },

  conversationLabel: '대화',
  you: '나',
  assistant: '도우미',
  thinking: '답변을 준비하고 있습니다',
  jumpToEnd: '맨 아래로 이동',
  copyAnswer: '답변 복사',
  copied: '복사했습니다',

  composer: {
    label: '질문',
    placeholder: '무엇이든 물어보세요',
    send: '보내기',
    stop: '중지',
    hintIdle: 'Enter로 보내고, Shift + Enter로 줄을 바꿉니다',
    hintBusy: 'Esc로 답변을 중지합니다',
  },

  outcome: {
    done: '답변이 완성되었습니다.',
    asked: (times) => (times === 1 ? '모델은 한 번만 호출되었습니다.' : `모델은 ${times}번 호출되었습니다.`),
    drops: (times) => `도중에 연결이 ${times}번 끊겼습니다.`,
    stopped: '답변을 중지했습니다.',
    stopConfirmed: '모델에도 전달되었습니다.',
    stopping: '모델에 알리는 중입니다.',
    stopUnconfirmed: '서버에 연결할 수 없어 모델이 아직 쓰고 있을 수 있습니다.',
    interrupted: '답변이 중간에 끊겼습니다',
    interruptedGone:
      '서버에 이 답변이 남아 있지 않습니다. 서버가 다시 시작되었을 수 있습니다. 받은 내용은 위에 그대로 있습니다.',
    interruptedNetwork: '연결이 돌아오지 않았습니다. 받은 내용은 위에 그대로 있고, 그 뒤부터 이어 받을 수 있습니다.',
    interruptedAway: '서버가 답변을 끝맺지 못했습니다. 받은 내용은 위에 그대로 있습니다.',
    failed: '답변을 받지 못했습니다',
    failedNetwork: '서버에 연결할 수 없습니다. 질문은 그대로 남아 있습니다.',
    failedServer: '서버가 답변하지 못했습니다.',
    details: '자세히',
    resume: '이어 받기',
    askAgain: '다시 질문하기',
  },

  faults: {
    label: '끊어 보기',
    hint: '실제 연결에 작용합니다.',
    cut: { name: '끊기', effect: '모든 연결을 리셋', announced: '모든 연결을 끊었습니다.' },
    stall: { name: '멈춤', effect: '8초 동안 침묵', announced: '8초 동안 아무것도 지나가지 못합니다.' },
    refuse: { name: '거부', effect: '4초 동안 문을 닫음', announced: '4초 동안 아무도 들어오지 못합니다.' },
    unreachable: '서버에 연결할 수 없어 더 끊을 것이 없습니다.',
  },

  announce: {
    pending: '답변을 준비하고 있습니다.',
    waiting: '연결이 끊겼습니다. 다시 연결하는 중입니다.',
    back: '다시 연결되었습니다. 답변이 이어집니다.',
    done: '답변이 완성되었습니다.',
  },
}
