//! What is bought, where and by whom: 66 meters of 42 services, each in five of fifteen regions, and
//! twenty accounts. Names and list prices (USD, Northern Virginia) are those of public price pages.

use super::Fault;
use super::amount::{self, Amount};
use super::chance::{Dice, HEX, SKU, mix, spell};
use serde::Deserialize;

/// A priced thing as `meters.csv` has it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Meter {
    weight: u64,
    pub(super) code: String,
    pub(super) service: String,
    usage: String,
    pub(super) operation: String,
    pub(super) family: String,
    pub(super) unit: String,
    rate: String,
    /// The largest quantity of an hour; for stored gigabytes, the size.
    pub(super) most: u64,
    resource: String,
    pub(super) instance: String,
    pub(super) vcpu: String,
    pub(super) memory: String,
    description: String,
}

/// A region: code, prefix of usage types, location, price in permille of Northern Virginia.
pub(super) type Region = (&'static str, &'static str, &'static str, Amount);

const REGIONS: [Region; 15] = [
    ("us-east-1", "", "US East (N. Virginia)", 1000),
    ("us-east-2", "USE2-", "US East (Ohio)", 1000),
    ("us-west-1", "USW1-", "US West (N. California)", 1170),
    ("us-west-2", "USW2-", "US West (Oregon)", 1000),
    ("ca-central-1", "CAN1-", "Canada (Central)", 1110),
    ("sa-east-1", "SAE1-", "South America (Sao Paulo)", 1590),
    ("eu-west-1", "EU-", "EU (Ireland)", 1100),
    ("eu-west-2", "EUW2-", "EU (London)", 1140),
    ("eu-west-3", "EUW3-", "EU (Paris)", 1140),
    ("eu-central-1", "EUC1-", "EU (Frankfurt)", 1150),
    ("eu-north-1", "EUN1-", "EU (Stockholm)", 1050),
    ("ap-south-1", "APS3-", "Asia Pacific (Mumbai)", 1080),
    ("ap-southeast-1", "APS1-", "Asia Pacific (Singapore)", 1250),
    ("ap-southeast-2", "APS2-", "Asia Pacific (Sydney)", 1250),
    ("ap-northeast-1", "APN1-", "Asia Pacific (Tokyo)", 1290),
];

/// Regions in which a meter is used.
const SPREAD: usize = 5;

/// Teams; an account belongs to one of them.
pub(super) const TEAMS: [&str; 10] = [
    "payments",
    "checkout",
    "search",
    "platform",
    "data",
    "identity",
    "mobile",
    "logistics",
    "analytics",
    "security",
];

/// A linked account.
#[derive(Debug)]
pub(super) struct Account {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) team: &'static str,
    pub(super) environment: &'static str,
}

/// A meter in a region.
#[derive(Debug)]
pub(super) struct Sku {
    pub(super) meter: Meter,
    pub(super) region: &'static Region,
    pub(super) usage_type: String,
    pub(super) rate: Amount,
    pub(super) code: String,
    pub(super) rate_id: String,
    pub(super) description: String,
}

/// Everything that can stand on a line.
#[derive(Debug)]
pub(super) struct Catalogue {
    pub(super) skus: Vec<Sku>,
    pub(super) accounts: Vec<Account>,
    /// Running sums of the weights of `skus`.
    weights: Vec<u64>,
}

impl Catalogue {
    /// The same for every bill.
    pub(super) fn new() -> Result<Self, Fault> {
        let mut meters = csv::Reader::from_reader(include_bytes!("meters.csv").as_slice());
        let mut skus = Vec::new();
        for (number, meter) in meters.deserialize().enumerate() {
            let meter: Meter = meter?;
            for turn in 0..SPREAD {
                skus.push(sku(&meter, &REGIONS[(number + 3 * turn) % REGIONS.len()])?);
            }
        }
        let running = skus.iter().scan(0, |sum, sku| {
            *sum += sku.meter.weight;
            Some(*sum)
        });
        Ok(Self {
            weights: running.collect(),
            skus,
            accounts: (0..20).map(account).collect(),
        })
    }

    /// The SKU that a number of any size chooses, by weight.
    pub(super) fn choose(&self, number: u64) -> &Sku {
        &self.skus[self
            .weights
            .partition_point(|&sum| sum <= number % self.weight())]
    }

    /// Where a row stands in a file whose rows are grouped by SKU.
    pub(super) fn place(&self, row: u64, rows: u64) -> Place<'_> {
        let point = row * self.weight();
        let index = self.weights.partition_point(|&sum| sum * rows <= point);
        let sku = &self.skus[index];
        let length = sku.meter.weight * rows;
        let inside = point + length - self.weights[index] * rows;
        Place {
            sku,
            number: index as u64,
            inside,
            length,
        }
    }

    /// How many of so many resources a SKU has.
    pub(super) fn part(&self, resources: u64, sku: &Sku) -> u64 {
        (resources * sku.meter.weight / self.weight()).max(1)
    }

    fn weight(&self) -> u64 {
        self.weights.last().copied().unwrap_or(1)
    }
}

/// A place in a file: the SKU, its number, and how far inside its group.
pub(super) struct Place<'a> {
    pub(super) sku: &'a Sku,
    pub(super) number: u64,
    /// Of `length`.
    pub(super) inside: u64,
    pub(super) length: u64,
}

fn sku(meter: &Meter, region: &'static Region) -> Result<Sku, Fault> {
    let (code, prefix, location, permille) = *region;
    let seed = mix(meter
        .usage
        .bytes()
        .chain(code.bytes())
        .fold(7, |h, b| mix(h ^ u64::from(b))));
    let list = amount::read(&meter.rate).ok_or_else(|| format!("{}: no price", meter.usage))?;
    let rate = amount::share(list, permille, 1000).max(1);
    let (mut price, mut id) = (String::new(), String::new());
    amount::write_short(rate, &mut price);
    spell(seed, 16, SKU, &mut id);
    Ok(Sku {
        meter: meter.clone(),
        region,
        usage_type: format!("{prefix}{}", meter.usage),
        rate,
        rate_id: (100_000_000 + seed % 899_999_999).to_string(),
        code: id,
        description: meter
            .description
            .replace("{rate}", &price)
            .replace("{region}", location),
    })
}

fn account(number: u64) -> Account {
    let environment =
        ["prod", "staging", "dev", "sandbox"][usize::try_from(number).unwrap_or(0) % 4];
    let team = TEAMS[usize::try_from(number / 2).unwrap_or(0) % TEAMS.len()];
    // The third account starts with a zero, as some do.
    let id = if number == 2 {
        12_345_678_901
    } else {
        100_000_000_000 + mix(number) % 899_999_999_999
    };
    Account {
        id: format!("{id:012}"),
        name: format!("{team}-{environment}"),
        team,
        environment,
    }
}

impl Sku {
    /// True where the meter is an instance that runs for whole hours.
    pub(super) fn is_instance(&self) -> bool {
        !self.meter.instance.is_empty()
    }

    /// What an hour of this resource uses, in units of 10⁻¹⁰.
    pub(super) fn quantity(&self, resource: u64, dice: &mut Dice) -> Amount {
        let most = self.meter.most;
        let whole = |number: u64| i64::try_from(number).unwrap_or(0) * amount::ONE;
        match self.meter.unit.as_str() {
            "GB-Mo" => whole(1 + mix(resource) % most) / 744,
            _ if most == 1 => amount::ONE,
            "GB" | "Second" | "LCU-Hrs" | "hours" | "minutes" | "DPU-Hour" => {
                i64::try_from(dice.below(most * amount::ONE.unsigned_abs())).unwrap_or(0)
            }
            _ => whole(1 + dice.below(most)),
        }
    }

    /// Appends the resource's id; nothing where the meter has no resources.
    pub(super) fn resource_id(&self, resource: u64, account: &Account, out: &mut String) {
        let mut rest = self.meter.resource.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let (key, after) = after.split_once('}').unwrap_or((after, ""));
            match key {
                "hex" => spell(mix(resource), 17, HEX, out),
                "short" => spell(mix(resource), 10, HEX, out),
                "code" => out.push_str(self.region.0),
                "account" => out.push_str(&account.id),
                _ => out.push_str(application(resource)),
            }
            rest = after;
        }
        out.push_str(rest);
    }
}

/// The application that a resource belongs to.
pub(super) fn application(resource: u64) -> &'static str {
    const APPLICATIONS: [&str; 16] = [
        "orders", "cart", "ledger", "catalog", "ranking", "sessions", "events", "billing",
        "reports", "media", "gateway", "notify", "fraud", "pricing", "import", "archive",
    ];
    APPLICATIONS[usize::try_from(mix(resource ^ 0xa9) % 16).unwrap_or(0)]
}
