import type { Copy } from 'demo-shared/copy/copy'
import { faultGroups } from 'demo-shared/lab/commands'
import { describeAct } from 'demo-shared/lab/describe'
import { faultPanelOfPage, offered } from 'demo-shared/lab/fault-panel'
import type { Lab } from 'demo-shared/lab/lab'
import { useNow } from '../parts/use-now'
import { useSource } from '../parts/use-source'
import { FaultButton } from './fault-button'

interface FaultButtonsProps {
  readonly copy: Copy
  readonly lab: Lab
}

/** Everything that can be broken, in groups. */
export function FaultButtons({ copy, lab }: FaultButtonsProps) {
  const panel = faultPanelOfPage(lab.timeline)
  const shown = useSource(panel)
  const { until, offline, server } = shown
  const broken = offline || Object.keys(until).length > 0
  const now = useNow(broken)
  const words = copy.lab
  const act = describeAct(shown.last, words)

  return (
    <section className="lab-faults" aria-labelledby="lab-faults">
      <div className="lab-faults-head">
        <h2 id="lab-faults">{words.faultsLabel}</h2>
        <button className="quiet" type="button" aria-disabled={!broken} onClick={() => broken && panel.repair()}>
          {words.repair}
        </button>
        <p className="wire lab-act" role="status" data-tone={act.tone}>
          {act.text}
        </p>
      </div>
      <div className="lab-groups">
        {faultGroups.map(({ name, faults }) => (
          <fieldset key={name} className="lab-group" data-group={name} hidden={!offered(name, server)}>
            <legend>{words.groups[name]}</legend>
            {faults.map((fault) => (
              <FaultButton
                key={fault}
                copy={copy}
                name={fault}
                until={until[fault]}
                offline={fault === 'offline' && offline}
                now={now}
                onAct={() => panel.act(fault)}
              />
            ))}
            {name === 'server' && server && (
              <p className="lab-kept">{server.durable ? words.durable : words.volatile}</p>
            )}
          </fieldset>
        ))}
      </div>
    </section>
  )
}
