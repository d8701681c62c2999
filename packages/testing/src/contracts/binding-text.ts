import type { BindingView, ChatBindingView, CompareBindingView, TaskBindingView } from './binding-harness'

/** The text that the component of a page renders for its view: all that the suites look at, so that each change is a commit. */
export const shownByStream = ({ status, data }: Pick<BindingView, 'status' | 'data'>) => `${status}: ${data.text}`

/** The messages, each with its role and, for an answer, its status; then what waits. */
export function shownByChat({ messages, queued, status }: Pick<ChatBindingView, 'messages' | 'queued' | 'status'>) {
  const said = messages.map(({ role, status, content }) => `${role}${status ? ` ${status}` : ''}: ${content}`)
  return [status, ...said, ...queued.map(({ content }) => `queued: ${content}`)].join('\n')
}

/** How far the task is, what it says and what came of it. */
export function shownByTask({ status, data }: Pick<TaskBindingView, 'status' | 'data'>) {
  const { percent, message = '', result } = data
  return `${status}: ${percent}% ${message}${result === undefined ? '' : ` → ${JSON.stringify(result)}`}`
}

/** Each model with its status and answer. */
export function shownByCompare({ answers, busy }: Pick<CompareBindingView, 'answers' | 'busy'>) {
  const lines = answers.map(({ model, snapshot: { status, data } }) => `${model} ${status}: ${data.text}`)
  return [busy ? 'busy' : 'at rest', ...lines].join('\n')
}
