const lines = 36

const english = [
  'A line that arrives twice is seen at once, because it has a number.',
  'A line that is missing leaves a hole that nobody can overlook.',
  'Break the connection now, and watch where each of the three goes on.',
  'Whoever begins again asks the model again, and somebody pays for that.',
  'Whoever hangs looks just like somebody who waits, until you look at the clock.',
  'The text is the same for all three, to the last character.',
]

const korean = [
  '두 번 온 줄은 번호가 있어서 바로 알아볼 수 있어요.',
  '빠진 줄은 자리가 비어서 그냥 지나칠 수 없어요.',
  '지금 연결을 끊고, 셋이 각각 어디에서 이어지는지 보세요.',
  '처음부터 다시 시작하면 모델을 또 부르고, 누군가는 그 값을 내요.',
  '멈춘 것과 기다리는 것은 시계를 보기 전에는 똑같아 보여요.',
  '글은 셋 다 마지막 글자까지 똑같아요.',
]

/** A text in which everybody sees what is missing and what is there twice: every line has its number. */
export function labAnswer(inKorean: boolean): string {
  const [sentences, head] = inKorean
    ? [korean, (line: string) => `${line}번째 줄 (모두 ${lines}줄).`]
    : [english, (line: string) => `Line ${line} of ${lines}.`]
  return Array.from(
    { length: lines },
    (_, index) => `${head(String(index + 1).padStart(2, '0'))} ${sentences[index % sentences.length]}`,
  ).join('\n\n')
}
