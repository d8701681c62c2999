import { invalid } from './conversation'

/** A function that the model may call, in the words of the chat completions API. */
export interface Tool {
  readonly name: string
  readonly description: string | undefined
  /** Its JSON Schema. */
  readonly parameters: object | undefined
  readonly strict: boolean | undefined
}

/** Whether the model has to call tools: as it likes, not at all, any of them, or the one with that name. */
export type ToolChoice = 'auto' | 'none' | 'required' | { readonly name: string }

/** The tools of a request. Throws an `http` error with status 400 for what is no function. */
export function readTools(tools: unknown): readonly Tool[] {
  if (!Array.isArray(tools)) return []
  return tools.map((tool: unknown, index) => {
    const { function: described } = Object(tool) as { function?: unknown }
    const { name, description, parameters, strict } = Object(described) as Partial<Tool>
    if (typeof name === 'string' && name !== '') return { name, description, parameters, strict }
    throw invalid(
      `tools[${index}]`,
      'Give { "type": "function", "function": { "name", "description", "parameters" } }.',
    )
  })
}

export function readToolChoice(choice: unknown): ToolChoice | undefined {
  if (choice === undefined) return undefined
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice
  const { function: chosen } = Object(choice) as { function?: { name?: unknown } }
  if (typeof chosen?.name === 'string') return { name: chosen.name }
  throw invalid('tool_choice', 'Give auto, none, required or a function with its name.')
}

/** What the answer has to look like, where it is not free text: any JSON, or JSON that fits a schema. */
export interface AnswerFormat {
  readonly type: 'json_object' | 'json_schema'
  readonly name?: string
  readonly schema?: object
  readonly strict?: boolean
}

export function readFormat(format: unknown): AnswerFormat | undefined {
  const { type, json_schema } = Object(format) as { type?: unknown; json_schema?: Omit<AnswerFormat, 'type'> }
  if (format === undefined || type === 'text') return undefined
  if (type === 'json_object') return { type }
  if (type === 'json_schema' && typeof json_schema?.schema === 'object') return { ...json_schema, type }
  throw invalid('response_format', 'Give { "type": "json_object" }, or json_schema with a name and a schema.')
}
