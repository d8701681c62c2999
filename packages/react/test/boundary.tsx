import { Component, type ReactNode } from 'react'

export type Fallback = (error: unknown, again: () => void) => ReactNode

/** Shows `fallback` in place of what throws. */
export class Boundary extends Component<{ children: ReactNode; fallback: Fallback }> {
  override readonly state: { error?: unknown } = {}
  static getDerivedStateFromError = (error: unknown) => ({ error })
  override render() {
    const { error } = this.state
    if (error === undefined) return this.props.children
    return this.props.fallback(error, () => this.setState({ error: undefined }))
  }
}
