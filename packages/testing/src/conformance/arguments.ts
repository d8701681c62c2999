import { parseArgs } from 'node:util'
import { StreamError } from '@keepstream/core'
import type { ConformanceOptions } from './options'

/** How the command is used. */
export const usage = `keepstream-conformance <address of a route> [options]

  --header 'Name: value'        sent with each request; may be given again
  --other-header 'Name: value'  the same server as somebody else; may be given again
  --other-url <address>         a second node on the same log
  --socket </path>              where WebSockets are opened
  --origin <origin>             a page that the server serves
  --operations <address>        where /healthz and /readyz are
  --short <json>                an input whose answer ends soon, for a route that does not run scripts
  --long <json>                 an input whose answer goes on for a while
  --only R16,R20                these clauses alone
  --except R12                  without these
  --patience <ms>               how long to wait for anything (5000)
  --json                        the report as JSON

It exits with 0 where nothing failed, with 1 where something did, and with 2 where it was called in a wrong way.`

const known = {
  header: { type: 'string', multiple: true },
  'other-header': { type: 'string', multiple: true },
  'other-url': { type: 'string' },
  socket: { type: 'string' },
  origin: { type: 'string' },
  operations: { type: 'string' },
  short: { type: 'string' },
  long: { type: 'string' },
  only: { type: 'string' },
  except: { type: 'string' },
  patience: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

export interface Command {
  readonly options: ConformanceOptions
  readonly json: boolean
}

/** What a command line asks for, or nothing where it asks for help. Throws an `option` error that says what is wrong. */
export function readArguments(line: readonly string[]): Command | undefined {
  const { values, positionals } = parse(line)
  if (values.help) return undefined
  const [baseUrl, ...more] = positionals
  if (baseUrl === undefined || more.length > 0) throw fault('Give one address, such as http://127.0.0.1:3000/api/chat.')
  if ((values.short === undefined) !== (values.long === undefined)) throw fault('Give --short and --long together.')
  const options: ConformanceOptions = {
    baseUrl,
    ...(values.header && { headers: readHeaders(values.header) }),
    ...(values['other-header'] && { otherHeaders: readHeaders(values['other-header']) }),
    ...(values['other-url'] !== undefined && { otherBaseUrl: values['other-url'] }),
    ...(values.socket !== undefined && { socket: values.socket }),
    ...(values.origin !== undefined && { origin: values.origin }),
    ...(values.operations !== undefined && { operations: values.operations }),
    ...(values.short !== undefined &&
      values.long !== undefined && {
        inputs: { short: readJson('short', values.short), long: readJson('long', values.long) },
      }),
    ...(values.only !== undefined && { only: values.only.split(',') }),
    ...(values.except !== undefined && { except: values.except.split(',') }),
    ...(values.patience !== undefined && { patience: Number(values.patience) }),
  }
  return { options, json: values.json ?? false }
}

function parse(line: readonly string[]) {
  try {
    return parseArgs({ args: [...line], options: known, allowPositionals: true })
  } catch (error) {
    throw fault((error as Error).message)
  }
}

function readHeaders(lines: readonly string[]): Readonly<Record<string, string>> {
  const pairs = lines.map((line) => {
    const [, name, value] = /^([\w-]+):\s*(.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw fault(`"${line}" is no header. Write it as 'Name: value'.`)
    return [name.toLowerCase(), value]
  })
  return Object.fromEntries(pairs)
}

function readJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw fault(`What --${name} gives is no JSON.`)
  }
}

const fault = (sentence: string) => new StreamError('option', sentence)
