// A script of its own, before the page's: @grafana/runtime reads window.grafanaBootData when it is evaluated
// (docs/development/grafana-core.md). In Grafana, index.html writes it.
Object.assign(window, {
  __grafana_public_path__: '/public/',
  grafanaBootData: {
    settings: {
      buildInfo: {
        version: '13.2.2',
        env: 'production',
        commit: 'workbench',
        edition: 'Open Source',
        hasUpdate: false,
        hideVersion: false,
      },
      featureToggles: {},
      appSubUrl: '',
      appUrl: `${location.origin}/`,
      datasources: {},
      panels: {},
      apps: {},
      defaultDatasource: 'workbench',
      dateFormats: {
        fullDate: 'YYYY-MM-DD HH:mm:ss',
        interval: {
          millisecond: 'HH:mm:ss.SSS',
          second: 'HH:mm:ss',
          minute: 'HH:mm',
          hour: 'MM/DD HH:mm',
          day: 'MM/DD',
          month: 'YYYY-MM',
          year: 'YYYY',
        },
        useBrowserLocale: false,
        defaultTimezone: 'browser',
      },
    },
    user: {
      isSignedIn: true,
      id: 1,
      login: 'workbench',
      orgId: 1,
      orgRole: 'Admin',
      timezone: 'browser',
      weekStart: 'browser',
      language: 'en-US',
      permissions: {},
    },
    navTree: [],
  },
});
