//! A small bank in memory: accounts with rules, an import that is run twice, transfers, pages by place, a report, and each account
//! with its entries. On another backend by its URL: `cargo run --example service -- sqlite::memory:`.

use seabed::prelude::*;
use std::sync::Arc;

mod account {
    use sea_orm::entity::prelude::*;
    use seabed::{Error, Result, schema::rules::Proposal};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "account")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(unique)]
        pub owner: String,
        pub branch: Option<String>,
        #[sea_orm(default_value = 0)]
        pub balance: i64,
        pub created_at: DateTimeUtc,
        pub closed_at: Option<DateTimeUtc>,
        #[sea_orm(has_many)]
        pub entries: HasMany<super::entry::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
    seabed::rules!(Entity { created_at: CreatedAt, soft_delete: ClosedAt, validate: named });

    fn named(proposal: &Proposal<'_>) -> Result<()> {
        let nameless = proposal.get::<String>(Column::Owner).is_some_and(|owner| owner.trim().is_empty());
        if nameless { Err(Error::rejected("an account has an owner")) } else { Ok(()) }
    }
}

mod entry {
    use sea_orm::entity::prelude::*;
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "entry")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub account_id: Uuid,
        pub amount: i64,
        #[sea_orm(belongs_to, from = "account_id", to = "id")]
        pub account: BelongsTo<super::account::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}
use account::COLUMN as A;
use entry::COLUMN as E;

struct Bank {
    db: Database,
    accounts: Arc<dyn Repository<account::Entity>>,
}

impl Bank {
    /// Again and again: what the import does not say, the balance, stays.
    async fn import(&self, rows: impl IntoIterator<Item = (&str, Option<&str>)>) -> Result<usize> {
        let row = |(owner, branch): (&str, Option<&str>)| account::ActiveModel {
            owner: Set(owner.to_owned()),
            branch: Set(branch.map(ToOwned::to_owned)),
            ..Default::default()
        };
        let by_owner = InsertOptions::default().upsert([account::Column::Owner]);
        let told = by_owner.progress(|done, of| println!("imported: {done} of {of}"));
        Ok(self.accounts.insert_many_with(rows.into_iter().map(row).collect::<Vec<_>>(), told).await?.len())
    }

    async fn pay(&self, from: &str, to: &str, amount: i64) -> Result<()> {
        self.db
            .transact(|tx| async move {
                let (accounts, entries) = (tx.repository::<account::Entity>(), tx.repository::<entry::Entity>());
                for (owner, amount, floor) in [(from, -amount, amount), (to, amount, 0)] {
                    let theirs = col(A.owner).eq(owner) & col(A.balance).gte(floor);
                    let found = accounts.one(theirs.for_update()).await?;
                    let id = found.ok_or_else(|| Error::rejected("no such account, or not enough money"))?.id;
                    accounts.update_many(col(A.id).eq(id), [col(A.balance).increment(amount)]).await?;
                    let entry = entry::ActiveModel { account_id: Set(id), amount: Set(amount), ..Default::default() };
                    entries.insert(entry).await?;
                }
                Ok(())
            })
            .await
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let url = std::env::args().nth(1).unwrap_or_else(|| "memory:".to_owned());
    let db = Database::connect(Config::from_url(&url)?).await?;
    db.create_tables(&seabed::entities![account, entry]).await?;
    let bank = Bank { accounts: db.repository(), db };

    bank.import([("ada", Some("north")), ("grace", None), ("mary", Some("south")), ("alan", Some("north"))]).await?;
    bank.accounts.update_many(col(A.owner).is_in(["ada", "mary"]), [col(A.balance).set(900)]).await?;
    bank.pay("ada", "grace", 400).await?;
    bank.import([("ada", Some("west")), ("kurt", None)]).await?;
    println!("alan has nothing: {:?}", bank.pay("alan", "ada", 400).await);
    bank.accounts.delete_many(col(A.owner).eq("alan")).await?;
    let by_branch = all().order_by(col(A.branch).desc()).order_by(col(A.owner).asc());
    let mut request = KeysetRequest::first(3);
    loop {
        let page = bank.accounts.keyset(by_branch.clone(), request).await?;
        println!("a page: {:?}", page.items.iter().map(|row| &row.owner).collect::<Vec<_>>());
        let Some(token) = page.next else { break };
        request = KeysetRequest::after(3, token);
    }
    let sums: Vec<(Option<String>, (u64, i64))> =
        bank.accounts.group(all(), by(col(A.branch)).count().sum(col(A.balance)).desc()).await?;
    println!("accounts and money by branch: {sums:?}");
    let paid = bank.accounts.find(has(col(E.amount).lt(0))).await?;
    let entries = bank.accounts.load_many::<entry::Entity>(&paid).await?;
    for (account, entries) in entries.of(paid) {
        println!("{} paid: {:?}", account.owner, entries.iter().map(|entry| entry.amount).collect::<Vec<_>>());
    }
    Ok(())
}
