import type { TaskCopy } from './task'

export const taskKorean: TaskCopy = {
  heading: '페이지를 닫아도 계속되는 작업',
  lead: '보고서를 맡긴 다음 새로고침하거나, 창을 닫거나, 네트워크를 끊어 보세요. 작업은 서버에서 계속되고, 돌아오면 어디까지 왔는지 바로 보여요.',
  language: 'ko',

  topic: '어떤 주제로 쓸까요?',
  example: '야간열차',
  speed: '속도',
  speeds: { slow: '느리게', normal: '보통', fast: '빠르게' },
  fail: '도중에 실패하게 하기',
  start: '보고서 맡기기',
  startAgain: '다시 맡기기',
  resume: '이어 보기',

  empty: '아직 맡긴 보고서가 없어요.',
  running: '보고서를 쓰고 있어요',
  begins: '곧 시작해요.',
  step: (step, steps) => `${steps}단계 중 ${step}단계`,
  percent: (percent) => `${Math.floor(percent)}%`,
  timeLeft(milliseconds) {
    const seconds = milliseconds / 1_000
    if (seconds < 4) return '곧 끝나요'
    if (seconds < 55) return `약 ${Math.ceil(seconds / 5) * 5}초 남았어요`
    return `약 ${Math.ceil(seconds / 60)}분 남았어요`
  },
  progress: '보고서 진행 상황',
  parts: '동시에 진행하는 작업',
  ends: { done: '끝났어요', stopped: '중지했어요', failed: '실패했어요', interrupted: '중간에 끊겼어요' },

  log: '기록',
  logEmpty: '여기에 진행 기록이 쌓여요.',
  time: (milliseconds) => new Date(milliseconds).toLocaleTimeString('en-GB'),
  warning: '주의',

  cancel: '취소',
  cancelling: '보고서를 취소하고 있어요',
  confirm: {
    heading: '보고서를 취소할까요?',
    sentence: '지금까지 한 작업은 사라지고, 다시 맡기면 처음부터 시작해요.',
    yes: '취소하기',
    no: '계속하기',
  },
  cancelled: '취소했어요',
  cancelledSentence: '서버에서도 작업을 멈췄어요.',
  cancelUnconfirmed: '서버에 연결할 수 없어서 작업이 아직 진행되고 있을 수 있어요.',

  done: '보고서가 완성됐어요',
  doneSentence: '연결이 몇 번 끊겼든 보고서는 한 번만 작성했어요.',
  result: '보고서',
  findings: '알게 된 점',
  sources: '자료',
  pages: '쪽수',

  failed: '보고서를 완성하지 못했어요',
  refused: '보고서를 시작하지 못했어요',
  refusedNetwork: '서버에 연결할 수 없어요. 입력한 내용은 위에 그대로 있어요.',
  interrupted: '보고서가 중간에 끊겼어요',
  interruptedGone: '서버에 이 작업이 남아 있지 않아요. 서버가 다시 시작됐을 수 있어요.',
  interruptedNetwork: '다시 연결하지 못했어요. 작업은 서버에서 계속되고 있을 수 있어요.',
  lost: '연결이 끊겼어요. 작업은 서버에서 계속돼요.',
}
