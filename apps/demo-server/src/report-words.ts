/** What a report says of itself in one language. */
export interface ReportWords {
  readonly steps: readonly { readonly name: string; readonly message: string }[]
  readonly parts: readonly { readonly name: string; readonly message: string; readonly lines: readonly string[] }[]
  readonly begun: (topic: string) => string
  readonly found: (sources: number) => string
  readonly read: (count: number, sources: number) => string
  readonly checked: string
  readonly failed: string
  readonly finished: string
  readonly title: (topic: string) => string
  readonly summary: (topic: string, sources: number) => string
  readonly findings: readonly string[]
}

const english: ReportWords = {
  steps: [
    { name: 'searching', message: 'Looks for sources.' },
    { name: 'reading', message: 'Reads what was found.' },
    { name: 'noting', message: 'Takes notes.' },
    { name: 'checking', message: 'Checks the figures.' },
    { name: 'outlining', message: 'Writes the outline.' },
    { name: 'composing', message: 'Draws the charts and writes the chapters.' },
    { name: 'composing', message: 'Draws the charts and writes the chapters.' },
    { name: 'proofreading', message: 'Reads it all once more.' },
  ],
  parts: [
    {
      name: 'Charts',
      message: 'Draws four charts.',
      lines: ['Chart 1: over time', 'Chart 2: by region', 'Chart 3: costs', 'Chart 4: outlook'],
    },
    {
      name: 'Chapters',
      message: 'Writes three chapters.',
      lines: ['Chapter 1: where things stand', 'Chapter 2: what changes', 'Chapter 3: what to do'],
    },
  ],
  begun: (topic) => `A report about “${topic}” was asked for.`,
  found: (sources) => `${sources} sources found.`,
  read: (count, sources) => `${count} of ${sources} sources read.`,
  checked: 'Two figures differ by 3 per cent. The newer one counts.',
  failed: 'Two sources contradict each other, and no third one decides.',
  finished: 'No mistakes found.',
  title: (topic) => `Report: ${topic}`,
  summary: (topic, sources) =>
    `What ${sources} sources say about “${topic}” fits on one page: it grows slowly, costs less than expected, and depends on whoever begins early.`,
  findings: [
    'Nine out of ten delays come from waiting, not from work.',
    'Small steps with a visible progress are abandoned half as often.',
    'Whoever can leave and come back starts more, and finishes more.',
  ],
}

const korean: ReportWords = {
  steps: [
    { name: 'searching', message: '자료를 찾고 있어요.' },
    { name: 'reading', message: '찾은 자료를 읽고 있어요.' },
    { name: 'noting', message: '중요한 내용을 메모하고 있어요.' },
    { name: 'checking', message: '숫자를 확인하고 있어요.' },
    { name: 'outlining', message: '목차를 짜고 있어요.' },
    { name: 'composing', message: '차트를 그리고 본문을 쓰고 있어요.' },
    { name: 'composing', message: '차트를 그리고 본문을 쓰고 있어요.' },
    { name: 'proofreading', message: '처음부터 다시 읽어 보고 있어요.' },
  ],
  parts: [
    {
      name: '차트',
      message: '차트 4개를 그리고 있어요.',
      lines: ['차트 1: 시간에 따른 변화', '차트 2: 지역별 비교', '차트 3: 비용', '차트 4: 전망'],
    },
    {
      name: '본문',
      message: '3개 장을 쓰고 있어요.',
      lines: ['1장: 지금 상황', '2장: 달라지는 점', '3장: 해야 할 일'],
    },
  ],
  begun: (topic) => `‘${topic}’ 보고서를 시작했어요.`,
  found: (sources) => `자료 ${sources}건을 찾았어요.`,
  read: (count, sources) => `자료 ${sources}건 중 ${count}건을 읽었어요.`,
  checked: '숫자 두 개가 3% 차이 나요. 더 최근 숫자를 쓸게요.',
  failed: '자료 두 건의 내용이 서로 다른데, 어느 쪽이 맞는지 확인할 자료가 없어요.',
  finished: '잘못된 곳이 없어요.',
  title: (topic) => `보고서: ${topic}`,
  summary: (topic, sources) =>
    `‘${topic}’에 관한 자료 ${sources}건을 한 쪽으로 정리했어요. 천천히 커지고 있고, 예상보다 비용이 적게 들고, 먼저 시작한 쪽이 유리해요.`,
  findings: [
    '지연의 90%는 일하는 시간이 아니라 기다리는 시간에서 생겨요.',
    '진행 상황이 보이면 도중에 그만두는 일이 절반으로 줄어요.',
    '자리를 비웠다가 돌아올 수 있으면 더 많이 시작하고, 더 많이 끝내요.',
  ],
}

export const reportWords = { en: english, ko: korean } as const
