import type uPlot from 'uplot'
import type { LabCopy } from '../copy/lab'
import { type Runner, runners } from './run'
import type { Note, Timeline } from './timeline'

/** What has a colour in the plot, as classes in the sheet of styles. */
const painted = ['axis', 'grid', ...runners] as const
type Painted = (typeof painted)[number]

/** The signs of the plot, in the order of its legend. */
export const signs = ['fault', 'lost', 'resumed', 'again', 'duplicates', 'finished'] as const

// How each line is drawn, so that nobody needs the colours to tell them apart.
const dashes: Readonly<Record<Runner, number[]>> = { keepstream: [], events: [6, 4], loop: [2, 3] }

/** How the numbers of the axes are written. */
export type PlotWords = Pick<LabCopy, 'number' | 'plotSeconds'>

/**
 * Draws the timeline into `element`, and again when it changes, once a frame at most. The chart is loaded when it is wanted.
 * Returns how to end that.
 */
export function mountPlot(element: HTMLElement, timeline: Timeline, words: PlotWords): () => void {
  const left = new AbortController()
  const { signal } = left
  import('uplot').then(
    ({ default: Plot }) => {
      if (!signal.aborted) draw(Plot, element, timeline, words, signal)
    },
    () => element.setAttribute('data-failed', ''),
  )
  return () => left.abort()
}

function draw(
  Plot: typeof uPlot,
  element: HTMLElement,
  timeline: Timeline,
  words: PlotWords,
  signal: AbortSignal,
): void {
  const { paint, forget, leave } = createPaint(element)
  const size = () => ({ width: Math.max(200, element.clientWidth), height: Math.max(120, element.clientHeight) })
  const font = '12px system-ui, sans-serif'
  const axis = {
    stroke: () => paint('axis'),
    grid: { stroke: () => paint('grid'), width: 1 },
    ticks: { stroke: () => paint('grid'), width: 1, size: 4 },
    font,
  }
  const plot = new Plot(
    {
      ...size(),
      legend: { show: false },
      cursor: { show: false },
      padding: [16, 16, 0, 0],
      scales: {
        x: { time: false, range: (_, __, most) => [0, Math.max(10, most)] },
        y: { range: (_, __, most) => [0, Math.max(200, most * 1.08)] },
      },
      axes: [
        { ...axis, values: (_, splits) => splits.map((split) => words.plotSeconds(split)), size: 30 },
        { ...axis, values: (_, splits) => splits.map((split) => words.number(split)), size: 48 },
      ],
      series: [
        {},
        ...runners.map((runner) => ({
          stroke: () => paint(runner),
          width: runner === 'keepstream' ? 2.5 : 1.75,
          dash: dashes[runner],
          points: { show: false },
        })),
      ],
      hooks: { draw: [(drawn: uPlot) => drawNotes(drawn, timeline.notes(), paint)] },
    },
    data(),
    element,
  )

  function data(): uPlot.AlignedData {
    return timeline.rows() as unknown as uPlot.AlignedData
  }

  let frame: number | undefined
  const redraw = () => {
    frame ??= requestAnimationFrame(() => {
      frame = undefined
      plot.setData(data())
    })
  }
  const unsubscribe = timeline.subscribe(redraw)
  const watch = new ResizeObserver(() => plot.setSize(size()))
  watch.observe(element)
  const scheme = matchMedia('(prefers-color-scheme: dark)')
  const recolour = () => {
    forget()
    redraw()
  }
  scheme.addEventListener('change', recolour, { signal })
  signal.addEventListener('abort', () => {
    unsubscribe()
    watch.disconnect()
    if (frame !== undefined) cancelAnimationFrame(frame)
    plot.destroy()
    leave()
  })
}

/** The colours of the sheet, which a canvas can only be told as such: each is what an element of that class has. */
function createPaint(element: HTMLElement) {
  const probes = new Map<Painted, HTMLElement>()
  const known = new Map<Painted, string>()
  for (const name of painted) {
    const probe = document.createElement('i')
    probe.className = `lab-paint lab-paint-${name}`
    probe.hidden = true
    element.append(probe)
    probes.set(name, probe)
  }
  return {
    paint(name: Painted): string {
      const colour = known.get(name) ?? getComputedStyle(probes.get(name)!).color
      known.set(name, colour)
      return colour
    },
    forget: () => known.clear(),
    leave() {
      for (const probe of probes.values()) probe.remove()
    },
  }
}

/** A line for what was broken, and a sign on the line of whoever it happened to. */
function drawNotes({ ctx, bbox, valToPos }: uPlot, notes: readonly Note[], paint: (name: Painted) => string): void {
  const scale = devicePixelRatio
  ctx.save()
  for (const { at, kind, runner, reached } of notes) {
    const x = Math.round(valToPos(at, 'x', true))
    if (runner === undefined) {
      ctx.strokeStyle = paint('axis')
      ctx.lineWidth = scale
      ctx.setLineDash([3 * scale, 3 * scale])
      ctx.beginPath()
      ctx.moveTo(x, bbox.top)
      ctx.lineTo(x, bbox.top + bbox.height)
      ctx.stroke()
      ctx.setLineDash([])
      continue
    }
    ctx.strokeStyle = ctx.fillStyle = paint(runner)
    ctx.lineWidth = 2 * scale
    drawSign(ctx, kind, x, valToPos(reached, 'y', true), 5 * scale)
  }
  ctx.restore()
}

function drawSign(ctx: CanvasRenderingContext2D, kind: Note['kind'], x: number, y: number, size: number): void {
  const sign = new Path2D()
  if (kind === 'lost') {
    sign.moveTo(x - size, y - size)
    sign.lineTo(x + size, y + size)
    sign.moveTo(x + size, y - size)
    sign.lineTo(x - size, y + size)
  } else if (kind === 'resumed' || kind === 'again') sign.arc(x, y, size * 0.8, 0, 2 * Math.PI)
  else if (kind === 'duplicates') {
    sign.moveTo(x, y - size)
    sign.lineTo(x + size, y)
    sign.lineTo(x, y + size)
    sign.lineTo(x - size, y)
    sign.closePath()
  } else sign.rect(x - size * 0.8, y - size * 0.8, size * 1.6, size * 1.6)
  if (kind === 'resumed' || kind === 'finished') ctx.fill(sign)
  else ctx.stroke(sign)
}
