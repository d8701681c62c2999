import type { ToolCall } from '@keepstream/react'
import { formatArguments } from 'demo-shared/chat/arguments'
import { calendarFile, createEvent, download } from 'demo-shared/chat/calendar'
import type { ChatCopy } from 'demo-shared/copy/chat'

interface ToolViewProps {
  readonly copy: ChatCopy
  readonly call: ToolCall
  /** Whether its arguments may still grow. */
  readonly running: boolean
}

/** A tool that the model calls: its arguments as they arrive, and what came of it. */
export function ToolView({ copy: { tool }, call, running }: ToolViewProps) {
  const event = running ? undefined : createEvent(call)
  return (
    <figure className="tool" aria-label={`${tool.over}: ${call.name}`} data-running={running || undefined}>
      <h3>
        <span className="icon icon-tool" aria-hidden="true" />
        {running ? tool.running : tool.over}
        <code>{call.name}</code>
      </h3>
      <pre>{formatArguments(call.arguments)}</pre>
      {event && (
        <div className="actions">
          <p>
            <strong>{tool.result}</strong> {tool.event(event.title, event.start, event.minutes)}
            <small>{tool.told}</small>
          </p>
          <button className="button" type="button" onClick={() => download(calendarFile(event), 'event.ics')}>
            {tool.save}
          </button>
        </div>
      )}
    </figure>
  )
}
