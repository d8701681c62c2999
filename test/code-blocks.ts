import ts from 'typescript'

/** A fenced block of a Markdown file. */
export interface CodeBlock {
  readonly file: string
  /** The line of its first line of code, from 1. */
  readonly line: number
  readonly language: string
  /** What follows the language, such as `no-check: a fragment of the grammar`. */
  readonly info: string
  readonly code: string
}

export function readCodeBlocks(file: string, markdown: string): readonly CodeBlock[] {
  const blocks: CodeBlock[] = []
  let open: { fence: string; indent: string; language: string; info: string; line: number } | undefined
  let code: string[] = []
  for (const [index, text] of markdown.split('\n').entries()) {
    const [, indent = '', fence = '', info = ''] = /^(\s*)(`{3,}|~{3,})(.*)$/.exec(text) ?? []
    if (open === undefined) {
      if (fence === '') continue
      const [language = '', ...rest] = info.trim().split(/\s+/)
      open = { fence, indent, language, info: rest.join(' '), line: index + 2 }
      code = []
    } else if (fence.startsWith(open.fence) && info.trim() === '') {
      blocks.push({ file, line: open.line, language: open.language, info: open.info, code: code.join('\n') })
      open = undefined
    } else {
      code.push(text.startsWith(open.indent) ? text.slice(open.indent.length) : text)
    }
  }
  return blocks
}

/** Languages that are checked, and the extension that each is checked as. */
const extensions: Readonly<Record<string, string>> = { ts: 'ts', tsx: 'tsx', vue: 'ts', svelte: 'ts' }
const unchecked = /^(js|jsx|mjs|javascript|typescript)$/

/** The script of a component with its lines where they were; any other code as it is. */
function readScript({ language, code }: CodeBlock): string {
  if (language !== 'vue' && language !== 'svelte') return code
  const script = /<script[^>]*>([\s\S]*?)<\/script>/.exec(code)
  if (script === null) return ''
  const start = script.index + script[0].indexOf('>') + 1
  return code.slice(0, start).replaceAll(/[^\n]/g, '') + (script[1] ?? '')
}

/**
 * Compiles every block as a module of its own, all in one program. Packages are looked for from `folders`, in this order,
 * since what an example imports need not be installed beside its file. Returns sentences, one for each mistake.
 */
export function codeBlockMistakes(
  blocks: readonly CodeBlock[],
  options: ts.CompilerOptions,
  folders: readonly string[],
): readonly string[] {
  const mistakes: string[] = []
  const modules = new Map<string, { block: CodeBlock; text: string }>()
  for (const [index, block] of blocks.entries()) {
    const where = `${block.file}:${block.line}`
    const extension = extensions[block.language]
    if (unchecked.test(block.language)) mistakes.push(`${where} is ${block.language}: write \`ts\`, which is checked.`)
    if (extension === undefined) continue
    if (!block.info.startsWith('no-check'))
      modules.set(`${folders[0]}/block-${index}.${extension}`, { block, text: readScript(block) })
    else if (!/^no-check:? \S+ \S+/.test(block.info)) mistakes.push(`${where} is not checked and does not say why.`)
  }

  const disk = ts.createCompilerHost(options)
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (file) => modules.has(file) || disk.fileExists(file),
    readFile: (file) => modules.get(file)?.text ?? disk.readFile(file),
    getSourceFile: (file, target, ...rest) => {
      const text = modules.get(file)?.text
      return text === undefined
        ? disk.getSourceFile(file, target, ...rest)
        : ts.createSourceFile(file, text, target, true)
    },
    resolveModuleNameLiterals: (literals, from, redirected, resolveOptions) =>
      literals.map(({ text }) => {
        const origins = modules.has(from) ? folders.map((folder) => `${folder}/block.ts`) : [from]
        const found = origins.map((origin) =>
          ts.resolveModuleName(text, origin, resolveOptions, disk, undefined, redirected, ts.ModuleKind.ESNext),
        )
        return found.find(({ resolvedModule }) => resolvedModule) ?? { resolvedModule: undefined }
      }),
  }
  const program = ts.createProgram({ rootNames: [...modules.keys()], options, host })
  for (const [file, { block, text }] of modules) {
    const source = program.getSourceFile(file)
    for (const { start = 0, messageText } of [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ]) {
      const line = block.line + text.slice(0, start).split('\n').length - 1
      mistakes.push(`${block.file}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`)
    }
  }
  return mistakes
}
