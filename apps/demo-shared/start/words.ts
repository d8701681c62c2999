import type { Language } from '../src/shell/language'
import type { Page } from '../src/shell/route'

/** What the start page says beside what every page says. */
export interface StartWords {
  readonly lead: string
  readonly choose: string
  readonly same: string
  readonly open: (framework: string) => string
  readonly what: Readonly<Record<Page, string>>
  readonly try: string
  readonly steps: readonly string[]
}

export const startWords: Readonly<Record<Language, StartWords>> = {
  en: {
    lead: 'A streamed answer breaks with its connection: a tunnel, a reload, a restart of the server. Here it goes on where you saw it last, complete, and the model is asked once.',
    choose: 'Choose a framework',
    same: 'The same pages, the same files, the same behaviour in all three.',
    open: (framework) => `Open the demo in ${framework}`,
    what: {
      chat: 'A conversation that a reload does not end.',
      compare: 'Up to four models answer side by side.',
      task: 'A long job with steps, that you can leave and come back to.',
      live: 'Messages to everybody, and to one tab.',
      lab: 'Break the connection in every way, and compare.',
    },
    try: 'In thirty seconds',
    steps: [
      'Open the Lab and start an answer.',
      'Cut the connection, as often as you like.',
      'See that nothing is missing, and what became of the others.',
    ],
  },
  ko: {
    lead: '스트리밍 답변은 연결과 함께 끊겨요. 터널을 지나거나, 새로고침하거나, 서버를 다시 켜면요. 여기서는 마지막으로 본 곳부터 빠짐없이 이어지고, 모델은 한 번만 불러요.',
    choose: '프레임워크를 골라 보세요',
    same: '셋 다 페이지도, 파일도, 동작도 똑같아요.',
    open: (framework) => `${framework} 데모 열기`,
    what: {
      chat: '새로고침해도 끝나지 않는 대화',
      compare: '모델 네 개까지 나란히 답변',
      task: '자리를 비웠다 돌아와도 되는 긴 작업',
      live: '모두에게, 또는 탭 하나에만 보내는 메시지',
      lab: '연결을 온갖 방법으로 끊고 비교하기',
    },
    try: '30초 만에 해 보기',
    steps: [
      '실험실을 열고 답변을 시작해요.',
      '연결을 마음껏 끊어 보세요.',
      '빠진 글자가 없는지, 다른 방법은 어떻게 됐는지 비교해요.',
    ],
  },
}
