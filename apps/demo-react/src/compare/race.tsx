import type { Compared } from '@keepstream/react'
import { describeFigures, type Figures } from 'demo-shared/compare/lane'
import { describeLegs, type Leg, readRace } from 'demo-shared/compare/race'
import type { Times } from 'demo-shared/compare/stopwatch'
import type { Copy } from 'demo-shared/copy/copy'
import { useClock } from './use-clock'

interface RaceProps {
  readonly copy: Copy
  readonly answers: readonly Compared[]
  readonly timesOf: (model: string) => Times | undefined
  readonly busy: boolean
}

const legs: readonly Leg[] = ['queued', 'waiting', 'writing']
const figures: readonly (keyof Figures)[] = ['firstToken', 'rate', 'tokens', 'cost']

/** The times of all answers on one axis. */
export function Race({ copy, answers, timesOf, busy }: RaceProps) {
  const { compare } = copy
  const { racers, span, marks } = readRace(answers, timesOf, useClock(busy))
  const share = (duration: number) => ({ inlineSize: `${(duration / span) * 100}%` })

  return (
    <section className="panel" aria-label={compare.times}>
      <div className="race-head">
        <h2>{compare.times}</h2>
        <ul className="legend">
          {legs.map((leg) => (
            <li key={leg}>
              <span className="leg" data-leg={leg} />
              {compare.legs[leg]}
            </li>
          ))}
        </ul>
      </div>
      <ol className="racers">
        {racers.map((racer) => (
          <li key={racer.compared.model} className="racer">
            <p className="racer-name">
              {racer.compared.model}
              {racer.compared.rank !== undefined && (
                <span className="rank" data-rank={racer.compared.rank}>
                  {compare.rank(racer.compared.rank)}
                </span>
              )}
            </p>
            <div className="track" role="img" aria-label={describeLegs(racer, copy)}>
              {racer.legs.map(({ leg, duration }) => (
                <span key={leg} className="leg" data-leg={leg} style={share(duration)} />
              ))}
            </div>
            <dl className="figures">
              {figures.map((figure) => (
                <div key={figure}>
                  <dt>{compare.figures[figure]}</dt>
                  <dd>{describeFigures(racer.compared, copy)[figure]}</dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
        <li className="axis" aria-hidden="true">
          {marks.map((mark) => (
            <span key={mark} style={{ insetInlineStart: `${(mark / span) * 100}%` }}>
              {compare.mark(mark)}
            </span>
          ))}
        </li>
      </ol>
    </section>
  )
}
