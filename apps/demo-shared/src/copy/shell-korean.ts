import type { ShellCopy } from './shell'

export const shellKorean: ShellCopy = {
  name: '한국어',
  shortName: '한',
  title: 'Keepstream',
  tagline: '네트워크가 끊겨도 끝까지 오는 AI 답변',
  languageLabel: '언어',
  pagesLabel: '페이지',
  frameworksLabel: '다른 프레임워크로 보기',
  start: '시작 페이지',
  pages: { chat: '채팅', compare: '비교', task: '작업', live: '라이브', lab: '실험실' },

  code: { copy: '코드 복사', copied: '복사했어요' },

  wire: {
    label: '연결 상태',
    ready: '준비됨',
    connecting: '연결하는 중',
    connected: '연결됨',
    reconnecting: (attempt) => `다시 연결하는 중, ${attempt}번째 시도`,
    waiting: (attempt, seconds) => `다시 연결하는 중, ${attempt}번째 시도, ${seconds}초 뒤`,
    offline: '오프라인이에요. 연결되면 이어져요',
    queued: (position) => `순서를 기다리는 중, ${position}번째`,
    broken: '연결이 끊겼어요',
  },
}
