import { readSettings, rememberSettings, type Settings } from 'demo-shared/chat/settings'

export function useSettings() {
  let settings = $state.raw(readSettings())

  return {
    get settings() {
      return settings
    },
    change(next: Settings) {
      rememberSettings(next)
      settings = next
    },
  }
}
