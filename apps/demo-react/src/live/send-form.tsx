import type { Copy } from 'demo-shared/copy/copy'
import { type Choice, readMenu, recipientOf } from 'demo-shared/live/menu'
import { burst, send } from 'demo-shared/live/send'
import type { Tab } from 'demo-shared/live/tab'
import { type FormEvent, useId, useState } from 'react'

interface SendFormProps {
  readonly copy: Copy
  readonly tab: Tab
  readonly others: readonly Tab[]
}

interface Said {
  readonly tone: 'calm' | 'good' | 'bad'
  readonly text: string
}

export function SendForm({ copy, tab, others }: SendFormProps) {
  const { form } = copy.live
  const [choice, setChoice] = useState<Choice>('everyone')
  const [chosen, setChosen] = useState<Tab>()
  const [typed, setTyped] = useState('')
  const [draft, setDraft] = useState('')
  const [busy, setBusy] = useState(false)
  const [said, setSaid] = useState<Said>()
  const id = useId()
  const menu = readMenu(others, chosen, copy)
  const recipient = recipientOf(choice, typed)
  const text = draft.trim()
  const wrong = choice === 'other' && typed.trim() !== '' && !recipient

  function choose(next: Choice) {
    setChoice(next)
    setChosen(others.find(({ client }) => client === next) ?? chosen)
  }

  async function work(act: () => Promise<boolean>, done: string): Promise<boolean> {
    setBusy(true)
    setSaid({ tone: 'calm', text: form.sending })
    const sent = await act()
    setBusy(false)
    setSaid(sent ? { tone: 'good', text: done } : { tone: 'bad', text: form.failed })
    return sent
  }

  async function submit(event: FormEvent) {
    event.preventDefault()
    if (busy || text === '' || !recipient) return
    const { label = '' } = menu.find((item) => item.choice === choice) ?? {}
    if (await work(() => send(recipient, text, tab.name), form.sent(label))) setDraft('')
  }

  function sendMany() {
    if (!busy) void work(() => burst(form.burstWords, tab.name), form.burstSent)
  }

  return (
    <form className="panel send" onSubmit={submit}>
      <h2>{form.heading}</h2>
      <div className="field">
        <label htmlFor={`${id}-to`}>{form.to}</label>
        <select className="input" id={`${id}-to`} value={choice} onChange={(event) => choose(event.target.value)}>
          {menu.map((item) => (
            <option key={item.choice} value={item.choice}>
              {item.label}
            </option>
          ))}
        </select>
      </div>
      {choice === 'other' && (
        <div className="field">
          <label htmlFor={`${id}-client`}>{form.id}</label>
          <input
            className="input"
            id={`${id}-client`}
            type="text"
            value={typed}
            autoComplete="off"
            spellCheck={false}
            aria-invalid={wrong}
            aria-describedby={`${id}-wrong`}
            onChange={(event) => setTyped(event.target.value)}
          />
          <small id={`${id}-wrong`}>{form.idWrong}</small>
        </div>
      )}
      <div className="field">
        <label htmlFor={`${id}-text`}>{form.text}</label>
        <input
          className="input"
          id={`${id}-text`}
          type="text"
          value={draft}
          maxLength={500}
          autoComplete="off"
          placeholder={form.placeholder}
          onChange={(event) => setDraft(event.target.value)}
        />
      </div>
      <div className="actions">
        <button className="button" data-kind="main" type="submit" aria-disabled={busy || text === '' || !recipient}>
          {form.send}
        </button>
        <button
          className="button"
          type="button"
          aria-disabled={busy}
          aria-describedby={`${id}-burst`}
          onClick={sendMany}
        >
          {form.burst}
        </button>
        <small id={`${id}-burst`}>{form.burstHint}</small>
      </div>
      <p className="said" role="status" data-tone={said?.tone}>
        {said?.text}
      </p>
    </form>
  )
}
