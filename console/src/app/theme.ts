import {
  Badge,
  Button,
  Card,
  createTheme,
  defaultVariantColorsResolver,
  type MantineColorsTuple,
  parseThemeColor,
  Table,
  Tooltip,
} from '@mantine/core';

const ink: MantineColorsTuple = [
  '#eef2ff', '#dfe6fd', '#bfcbf7', '#9cb0f2', '#7e98ed', '#6a87ea', '#5a77e3', '#4763cf', '#3b55b8', '#2e46a0',
]; // prettier-ignore

const mono = 'ui-monospace, "SFMono-Regular", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';
const sans =
  'Inter, ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

// The library's own shades fail 4.5:1 on primary buttons and light badges; these do not, in both themes.
export const theme = createTheme({
  primaryColor: 'ink',
  primaryShade: 8,
  autoContrast: true,
  luminanceThreshold: 0.3,
  colors: { ink },
  fontFamily: sans,
  fontFamilyMonospace: mono,
  headings: {
    fontFamily: sans,
    fontWeight: '620',
    sizes: { h1: { fontSize: '1.5rem' }, h2: { fontSize: '1.0625rem' } },
  },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  variantColorResolver: (input) => {
    const colors = defaultVariantColorsResolver(input);
    if (input.variant !== 'light' && input.variant !== 'subtle' && input.variant !== 'outline') {
      return colors;
    }
    const parsed = parseThemeColor({ color: input.color ?? input.theme.primaryColor, theme: input.theme });
    if (!parsed.isThemeColor) {
      return colors;
    }
    const name = `--mantine-color-${parsed.color}`;
    return { ...colors, color: `light-dark(color-mix(in srgb, var(${name}-9) 70%, black), var(${name}-1))` };
  },
  components: {
    Badge: Badge.extend({
      defaultProps: { tt: 'none', radius: 'sm', variant: 'light' },
      styles: { root: { maxWidth: 'none' } },
    }),
    Button: Button.extend({ defaultProps: { radius: 'md' } }),
    Card: Card.extend({ defaultProps: { withBorder: true, radius: 'md', padding: 'lg' } }),
    Modal: { defaultProps: { radius: 'md', overlayProps: { backgroundOpacity: 0.45, blur: 2 } } }, // by name: it comes later
    Table: Table.extend({ defaultProps: { verticalSpacing: 'sm', horizontalSpacing: 'md' } }),
    Tooltip: Tooltip.extend({ defaultProps: { events: { hover: true, focus: true, touch: true }, openDelay: 250 } }),
  },
});
