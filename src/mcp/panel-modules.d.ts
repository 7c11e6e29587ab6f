// Modules that packaging/panels.js creates from src/apps.

declare module 'panel:occlusion' {
  export const html: string;
}

declare module 'panel:overview' {
  export const html: string;
}

declare module 'panel:review' {
  export const html: string;
}

declare module 'panel:study' {
  export const html: string;
}

declare module 'panel-versions' {
  /** A hash of the HTML of each panel. Hosts keep the HTML by its URI, so a changed one needs a new URI. */
  export const versions: Readonly<Record<import('../contract/panels/index.ts').PanelName, string>>;
}
