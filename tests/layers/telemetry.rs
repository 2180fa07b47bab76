//! Every call is a span and an event, a slow one a warning, and values are shown only where that is asked for.

use crate::support::{Answer, Scripted, failure, insert, row, rows, select};
use seabed::{
    Context, ErrorKind,
    backend::{Backend, Begin, RawStatement, RawWant},
    layer::{Layer, TelemetryLayer},
};
use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tracing::{
    Level, Metadata, Subscriber,
    field::{Field, Visit},
    instrument::WithSubscriber,
    span,
};

const QUICK: TelemetryLayer = TelemetryLayer { slow: Duration::from_mins(1), values: false };

/// A span or an event: its level, its name or message, its fields.
#[derive(Clone, Debug, Default)]
struct Record {
    span: bool,
    level: Option<Level>,
    fields: BTreeMap<&'static str, String>,
}

impl Record {
    fn of(metadata: &Metadata<'_>, fill: impl FnOnce(&mut Self)) -> Self {
        let mut record = Self { span: metadata.is_span(), level: Some(*metadata.level()), ..Self::default() };
        if record.span {
            record.fields.insert("message", metadata.name().to_owned());
        }
        fill(&mut record);
        record
    }

    fn get(&self, field: &str) -> Option<&str> {
        self.fields.get(field).map(String::as_str)
    }

    /// Backend, entity, operation and rows.
    fn told(&self) -> [Option<&str>; 4] {
        ["backend", "entity", "operation", "rows"].map(|field| self.get(field))
    }
}

impl Visit for Record {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }
}

/// Keeps what is recorded with the target `seabed`.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<Record>>>);

impl Recorder {
    fn records(&self) -> std::sync::MutexGuard<'_, Vec<Record>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "seabed"
    }
    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        let mut records = self.records();
        records.push(Record::of(attributes.metadata(), |record| attributes.record(record)));
        span::Id::from_u64(records.len() as u64)
    }
    fn record(&self, id: &span::Id, values: &span::Record<'_>) {
        let at = usize::try_from(id.into_u64() - 1).expect("a small number");
        values.record(&mut self.records()[at]);
    }
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &tracing::Event<'_>) {
        self.records().push(Record::of(event.metadata(), |record| event.record(record)));
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// What `work` recorded: spans, then events.
async fn recorded(work: impl Future<Output = ()>) -> (Vec<Record>, Vec<Record>) {
    let recorder = Recorder::default();
    work.with_subscriber(recorder.clone()).await;
    let records = recorder.records().clone();
    records.into_iter().partition(|record| record.span)
}

fn observed(scripted: &Scripted, layer: TelemetryLayer) -> Arc<dyn Backend> {
    layer.layer(scripted.backend())
}

/// The one event of one insert.
async fn event(layer: TelemetryLayer, answer: Answer) -> Record {
    let scripted = Scripted::new([answer]);
    let (_, events) = recorded(async {
        let _ = observed(&scripted, layer).run(&Context::default(), insert(row(2.5))).await;
    })
    .await;
    assert_eq!(events.len(), 1, "one event a call: {events:?}");
    events.into_iter().next().expect("an event")
}

#[tokio::test]
async fn a_call_is_a_span_and_an_event() {
    let scripted = Scripted::new([Answer::Ok(rows(3))]);
    let (spans, events) = recorded(async {
        let answer = observed(&scripted, QUICK).run(&Context::default(), select(None)).await;
        assert_eq!(answer.expect("rows").len(), 3, "the answer is passed on");
    })
    .await;
    let [span, event] = [&spans, &events].map(|records| records.first().expect("one"));
    assert_eq!((spans.len(), events.len()), (1, 1));
    let told = [Some("Scripted"), Some("thing"), Some("select"), Some("3")];
    assert_eq!((span.level, span.get("message"), span.told()), (Some(Level::DEBUG), Some("operation"), told));
    assert_eq!((event.level, event.get("message"), event.told()), (Some(Level::DEBUG), Some("operation"), told));
    let elapsed = event.get("elapsed_us").expect("the time");
    assert!(elapsed.parse::<u64>().is_ok(), "in microseconds: {elapsed}");
    assert_eq!((event.get("error"), event.get("values")), (None, None));
}

#[tokio::test]
async fn a_failure_tells_its_kind_and_no_rows() {
    let event = event(QUICK, failure(ErrorKind::UniqueViolation)).await;
    assert_eq!(event.told(), [Some("Scripted"), Some("thing"), Some("insert"), None]);
    assert_eq!(event.get("error"), Some("UniqueViolation"));
}

#[tokio::test]
async fn a_slow_call_is_a_warning_and_a_quick_one_is_not() {
    let slow = TelemetryLayer { slow: Duration::from_millis(20), ..QUICK };
    let late = event(slow, Answer::After(Duration::from_millis(30), rows(1))).await;
    assert_eq!((late.level, late.get("message")), (Some(Level::WARN), Some("slow operation")));
    assert_eq!(late.told(), [Some("Scripted"), Some("thing"), Some("insert"), Some("1")]);
    let quick = event(QUICK, Answer::After(Duration::from_millis(30), rows(1))).await;
    assert_eq!((quick.level, quick.get("message")), (Some(Level::DEBUG), Some("operation")));
}

#[tokio::test]
async fn values_are_shown_only_where_asked() {
    let hidden = event(TelemetryLayer { slow: Duration::ZERO, values: false }, Answer::Ok(rows(1))).await;
    assert!(!format!("{hidden:?}").contains("2.5"), "a value is shown: {hidden:?}");
    let shown = event(TelemetryLayer { values: true, ..QUICK }, Answer::Ok(rows(1))).await;
    assert!(shown.get("values").is_some_and(|values| values.contains("2.5")), "{shown:?}");
}

#[tokio::test]
async fn a_raw_statement_is_told_and_its_text_only_where_values_are_shown() {
    for (layer, shown) in [(QUICK, false), (TelemetryLayer { values: true, ..QUICK }, true)] {
        let scripted = Scripted::new([]);
        let (spans, events) = recorded(async {
            let text = "select * from thing where secret = 'Zoe'";
            let raw = RawStatement::new(sea_orm::DbBackend::Sqlite, text, Vec::new(), RawWant::Rows);
            let _ = observed(&scripted, layer).raw(&Context::default(), raw.expect("a statement")).await;
        })
        .await;
        assert_eq!((spans.len(), events.len()), (1, 1));
        assert_eq!(events[0].told(), [Some("Scripted"), Some(""), Some("raw"), Some("0")]);
        assert_eq!(format!("{spans:?} {events:?}").contains("Zoe"), shown, "{events:?}");
    }
}

#[tokio::test]
async fn a_transaction_is_followed_to_its_end() {
    let scripted = Scripted::new([]);
    let context = Context::default();
    let (spans, events) = recorded(async {
        let backend = observed(&scripted, QUICK);
        let begin = || backend.begin(&context, Begin::default());
        let mut session = begin().await.expect("begun");
        session.run(&context, select(None)).await.expect("rows");
        session.commit(&context).await.expect("committed");
        begin().await.expect("begun").rollback(&context).await.expect("rolled back");
    })
    .await;
    for records in [spans, events] {
        let named: Vec<_> = records.iter().filter_map(|record| record.get("operation")).collect();
        assert_eq!(named, ["begin", "select", "commit", "begin", "rollback"]);
        assert!(records.iter().all(|record| record.get("backend") == Some("Scripted")));
    }
}
