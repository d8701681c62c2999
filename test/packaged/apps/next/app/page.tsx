import { Answer } from '../src/answer'

export default function Page() {
  return <Answer />
}
