import { StreamError } from '@keepstream/core'
import { readArguments, usage } from './arguments'
import { formatReport } from './report'
import { runConformance } from './run'

/** Runs the command: writes the report with `write`, and resolves with the status to exit with. */
export async function conformanceCommand(line: readonly string[], write: (text: string) => void): Promise<number> {
  try {
    const command = readArguments(line)
    if (!command) {
      write(`${usage}\n`)
      return 0
    }
    const report = await runConformance(command.options)
    write(`${command.json ? JSON.stringify(report, undefined, 2) : formatReport(report)}\n`)
    return report.failed > 0 || report.passed === 0 ? 1 : 0
  } catch (error) {
    if (!(error instanceof StreamError)) throw error
    write(`${error.message}\n\n${usage}\n`)
    return 2
  }
}
