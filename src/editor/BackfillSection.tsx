import type { CoreApp, TimeRange } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';
import { LoadingPlaceholder } from '@grafana/ui';
import { lazy, Suspense } from 'react';
import { FoldedSection } from '../components/FoldedSection';
import type { MqttQuery } from '../types';
import { withField } from './query-changes';
import { backfillSummary } from './summaries';

const BackfillEditor = lazy(async () => ({ default: (await import('./BackfillEditor')).BackfillEditor }));

interface Props {
  id: string;
  query: MqttQuery;
  app: CoreApp | undefined;
  range: TimeRange | undefined;
  /** Saves a change. The editor of another data source changes its query at each key, and runs it when it is left. */
  onChange: (query: MqttQuery) => void;
  onRunQuery: () => void;
}

/** Another data source, whose rows come before those of the query. */
export function BackfillSection({ id, query, app, range, onChange, onRunQuery }: Props): React.JSX.Element {
  return (
    <FoldedSection
      label="Backfill"
      summary={backfillSummary(query, (ref) => getDataSourceSrv().getInstanceSettings(ref)?.name)}
    >
      <Suspense fallback={<LoadingPlaceholder text="Loading" />}>
        <BackfillEditor
          id={id}
          choice={query.backfill}
          app={app}
          range={range}
          onChange={(choice) => onChange(withField(query, 'backfill', choice))}
          onRunQuery={onRunQuery}
        />
      </Suspense>
    </FoldedSection>
  );
}
