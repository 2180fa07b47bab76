//! Which relay has a lane, and until when. A lane that pauses after a failure is nobody's until then.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "seabed_claim")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub lane_id: Uuid,
    /// Whose claim it is: made anew each time that the lane is taken.
    pub holder: Option<Uuid>,
    /// Until then nobody takes the lane: the end of the lease, or of a pause.
    pub until: DateTimeUtc,
    #[sea_orm(belongs_to, from = "lane_id", to = "id", on_delete = "Cascade")]
    pub lane: BelongsTo<super::lane::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
