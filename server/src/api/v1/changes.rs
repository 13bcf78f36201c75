use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use waybill::events::ChangePreview;

/// What a change does.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeResult {
    from: DateTime<Utc>,
    changes: Vec<FieldChange>,
    /// What it means for what is there now, in sentences.
    consequences: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct FieldChange {
    field: String,
    before: String,
    after: String,
}

impl From<ChangePreview> for ChangeResult {
    fn from(preview: ChangePreview) -> Self {
        let change = |c: waybill::events::Change| FieldChange { field: c.field, before: c.before, after: c.after };
        Self { from: preview.from, changes: preview.changes.into_iter().map(change).collect(), consequences: preview.consequences }
    }
}
