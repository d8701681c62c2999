import { readSettings, rememberSettings, type Settings } from 'demo-shared/chat/settings'
import { shallowRef } from 'vue'

export function useSettings() {
  const settings = shallowRef(readSettings())

  function change(next: Settings) {
    rememberSettings(next)
    settings.value = next
  }
  return { settings, change }
}
