import { Collapse, Button, ScrollArea, Table } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { count, exact } from '~/text/words';
import type { Series } from './time_chart';

export function ChartTable({ times, series }: { times: number[]; series: Series[] }) {
  const { t } = useTranslation();
  const [opened, { toggle }] = useDisclosure(false);
  return (
    <div>
      <Button variant="subtle" size="compact-sm" onClick={toggle} aria-expanded={opened}>
        {opened ? t('chart.hideTable') : t('chart.showTable')}
      </Button>
      <Collapse expanded={opened}>
        <ScrollArea.Autosize mah={300} mt="xs">
          <Table stickyHeader>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t('word.time')}</Table.Th>
                {series.map((one) => (
                  <Table.Th key={one.name} ta="right">
                    {one.name}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {times
                .map((time, i) => ({ time, values: series.map((one) => one.values[i] ?? 0) }))
                .filter(({ values }) => values.some((value) => value > 0))
                .toReversed()
                .map(({ time, values }) => (
                  <Table.Tr key={time}>
                    <Table.Td className="mono">{exact(time * 1000)}</Table.Td>
                    {values.map((value, i) => (
                      <Table.Td key={i} ta="right">
                        {count(value)}
                      </Table.Td>
                    ))}
                  </Table.Tr>
                ))}
            </Table.Tbody>
          </Table>
        </ScrollArea.Autosize>
      </Collapse>
    </div>
  );
}
