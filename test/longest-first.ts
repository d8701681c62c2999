import { BaseSequencer, type TestSpecification } from 'vitest/node'

// About a minute each, measured on two cores. Their lengths are not in their sizes, by which vitest orders what it never ran.
const longest = ['packaged', 'chat-looks', 'chat-faults', 'frameworks', 'tabs']

const place = ({ moduleId }: TestSpecification): number => {
  const found = longest.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`))
  return found < 0 ? longest.length : found
}

/** Begins with the longest files, so that no worker is left alone with one of them. A class, which is what vitest takes. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files)
    return usual.toSorted((one, other) => place(one) - place(other))
  }
}
