import type { LiveCopy } from './live'

const everyone = '모두'

export const liveKorean: LiveCopy = {
  heading: '모두에게 같은 소식을',
  lead: '탭을 하나 더 열고 모두에게, 또는 그 탭에만 보내 보세요. 한쪽을 오프라인으로 두고 다른 쪽에서 보낸 뒤 돌아오면, 놓친 메시지가 순서대로 한 번씩 도착해요.',

  tab: {
    label: '이 탭',
    name: (name) => `탭 ${name}`,
    id: '클라이언트 ID',
    idHint: '이 ID를 아는 사람은 이 탭에 메시지를 보내고, 이 탭이 받는 메시지를 읽을 수 있어요.',
    copy: '클라이언트 ID 복사',
    copied: '복사했어요',
    open: '탭 하나 더 열기',
  },

  wires: { everyone: '모두에게', inbox: '이 탭에만' },

  feed: '메시지',
  empty: '아직 메시지가 없어요. 모두에게 보낸 메시지와 이 탭에 보낸 메시지가 여기에 보여요.',
  kinds: { broadcast: '모두에게', private: '이 탭에만' },
  own: '나',
  missed: '자리를 비운 사이',
  gaps: {
    earlier: '이전 메시지는 더 이상 남아 있지 않아요.',
    away: '너무 오래 자리를 비워서, 그사이 온 메시지 일부가 남아 있지 않아요.',
    restart: '서버가 다시 시작돼서 이전 메시지가 남아 있지 않아요.',
  },
  time: (milliseconds) => new Date(milliseconds).toLocaleTimeString('en-GB'),
  toEnd: '최근 메시지로 이동',

  form: {
    heading: '메시지 보내기',
    to: '받는 사람',
    everyone,
    neighbour: (name) => `탭 ${name}`,
    other: '다른 클라이언트 ID',
    id: '클라이언트 ID',
    idWrong: '클라이언트 ID는 22~64자예요. 다른 탭에서 복사해 붙여 넣어 주세요.',
    text: '메시지',
    placeholder: '메시지를 입력하세요',
    send: '보내기',
    sending: '보내는 중',
    sent: (to) => (to === everyone ? '모두에게 보냈어요.' : `${to}에 보냈어요.`),
    failed: '서버에 연결할 수 없어서 보내지 못했어요. 입력한 내용은 그대로 있어요.',
    burst: '한꺼번에 25개 보내기',
    burstHint: '서버가 보관하는 개수보다 많아요. 그사이 오프라인인 탭에는 놓친 메시지가 있다고 알려 줘요.',
    burstWords: (number) => `25개 중 ${number}번째`,
    burstSent: '메시지 25개를 보냈어요.',
  },
}
