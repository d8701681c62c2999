import type { Bar } from 'demo-shared/task/job'

interface ProgressBarProps {
  readonly label: string
  readonly bar: Bar
}

export function ProgressBar({ label, bar: { percent, text, tone } }: ProgressBarProps) {
  return (
    <div
      className="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(percent)}
      aria-valuetext={text}
      data-tone={tone}
    >
      <span style={{ inlineSize: `${percent}%` }} />
    </div>
  )
}
