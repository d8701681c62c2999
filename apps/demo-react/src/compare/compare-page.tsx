import { offer } from 'demo-shared/compare/offer'
import type { Copy } from 'demo-shared/copy/copy'
import { useSource } from '../parts/use-source'
import { CompareBoard } from './compare-board'

export function ComparePage({ copy }: { readonly copy: Copy }) {
  const { state, models } = useSource(offer)
  return (
    <main className="sheet">
      <div className="sheet-column">
        <h1>{copy.compare.heading}</h1>
        <p className="lead">{copy.compare.lead}</p>
        {state === 'ready' && <CompareBoard copy={copy} models={models} />}
        {state === 'loading' && <p className="offer">{copy.compare.loading}</p>}
        {state === 'failed' && (
          <div className="offer" role="alert">
            <p>{copy.compare.loadFailed}</p>
            <button className="button" type="button" onClick={offer.load}>
              {copy.compare.loadAgain}
            </button>
          </div>
        )}
      </div>
    </main>
  )
}
