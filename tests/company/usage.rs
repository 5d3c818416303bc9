//! What the meters and machines of a day cost.

use super::calendar::Day;
use super::chance::{Dice, hex};
use super::charge::{Charge, Kind};
use super::events;
use super::exact::{ONE, Pico, dec, ratio, times};
use super::fleet::{Machine, machine_id, volume_id};
use super::meters::{Meter, Week};
use super::organisation::{Account, Product, Region, tags};
use super::sku::{self, Sku};

/// Hours of AWS's billing month.
const MONTH_HOURS: i128 = 730;

/// The charge of a meter on a day, or nothing if nothing was used.
pub(crate) fn metered(meter: &Meter, day: Day) -> Option<Charge> {
    let &(account, region, thing, sku, _, _, labels) = meter;
    let quantity = quantity(meter, day, events::factor(thing, sku.usage_type, day));
    (quantity > 0).then(|| {
        let id = resource_id(thing, account, region);
        let charge = bought(sku, (account, region), day, quantity);
        Charge {
            resource: id,
            tags: tags(labels),
            ..charge
        }
    })
}

/// What an event adds to a meter's cost on a day (negative for a drop).
pub(crate) fn excess(meter: &Meter, day: Day) -> Pico {
    let &(_, _, thing, sku, ..) = meter;
    let appears = events::factor(thing, sku.usage_type, Day(0)) == 0;
    let usual = quantity(meter, day, if appears { 0 } else { 1000 });
    let actual = quantity(meter, day, events::factor(thing, sku.usage_type, day));
    times(actual, sku.rate) - times(usual, sku.rate)
}

/// Quantity of a day: weekday, noise, event, and how much of the day has reached the bill.
fn quantity(meter: &Meter, day: Day, event: i128) -> Pico {
    let &(account, _, thing, sku, daily, week, _) = meter;
    let weekday = match week {
        Week::Office => [1000, 1000, 1000, 1000, 1000, 620, 560][day.weekday()],
        Week::Steady => 1000,
    };
    let name = format!("{} {thing} {} {}", account.id(), sku.usage_type, day.0);
    let noise = 1000 + Dice::of(&name).around(sku.noise);
    let usual = ratio(dec(daily), weekday * noise * day.billed_hours(), 24_000_000);
    ratio(usual, event, 1000)
}

/// A machine's hours on a day and its disk.
pub(crate) fn machine(machine: &Machine, day: Day) -> Vec<Charge> {
    let owner = (machine.account, machine.region);
    let with = |charge, resource| Charge {
        resource,
        tags: machine.tags(),
        ..charge
    };
    let mut charges = Vec::new();
    let hours = machine.hours(day);
    if hours > 0 {
        let sku = box_usage(machine);
        let mut charge = bought(&sku, owner, day, hours * ONE);
        charge.usage_type = format!(
            "{}BoxUsage:{}",
            machine.region.prefix(),
            machine.instance_type
        );
        charge.description = format!(
            "${} per On Demand Linux {} Instance Hour",
            super::exact::plain(sku.rate),
            machine.instance_type
        );
        charge.instance_type = machine.instance_type;
        charges.push(with(charge, machine.id()));
    }
    let exists = machine.launched().0 <= day || machine.rests();
    let (disk, gigabytes) = if machine.has_old_disk() {
        (&sku::GP2, 200)
    } else {
        (&sku::GP3, 100)
    };
    let stored = ratio(gigabytes * ONE, day.billed_hours(), MONTH_HOURS);
    if exists {
        charges.push(with(bought(disk, owner, day, stored), machine.volume()));
    }
    charges
}

fn box_usage(machine: &Machine) -> Sku {
    Sku {
        product: Product::Compute,
        usage_type: "BoxUsage",
        operation: "RunInstances",
        family: "Compute Instance",
        unit: "Hrs",
        rate: machine.rate(),
        noise: 0,
    }
}

fn bought(sku: &Sku, owner: (Account, Region), day: Day, quantity: Pico) -> Charge {
    let (account, region) = owner;
    let price = super::exact::plain(sku.rate);
    Charge {
        account,
        region: Some(region),
        usage_type: format!("{}{}", region.prefix(), sku.usage_type),
        operation: sku.operation,
        family: sku.family,
        instance_type: sku.instance_type(),
        description: format!("${price} per {}, {}", sku.unit, region.place()),
        unit: sku.unit,
        quantity,
        rate: sku.rate,
        ..Charge::flat(
            Kind::Usage,
            sku.product,
            (day, day.next()),
            times(quantity, sku.rate),
        )
    }
}

/// What the bill calls a thing: a bare id for machines and disks, a name for buckets, else an ARN.
pub(crate) fn resource_id(thing: &str, account: Account, region: Region) -> String {
    match thing.split_once(':') {
        None => String::new(),
        Some(("bucket", name)) => name.to_owned(),
        Some(("machine" | "instance", name)) => machine_id(name),
        Some(("volume", name)) => volume_id(name),
        Some(_) => resource_arn(thing, account, region),
    }
}

/// The ARN of a thing, as the tagging API writes it.
pub(crate) fn resource_arn(thing: &str, account: Account, region: Region) -> String {
    let arn = |service: &str, rest: &str| {
        format!(
            "arn:aws:{service}:{}:{}:{rest}",
            region.code(),
            account.id()
        )
    };
    match thing.split_once(':') {
        Some(("bucket", name)) => format!("arn:aws:s3:::{name}"),
        Some(("machine" | "instance", name)) => {
            arn("ec2", &format!("instance/{}", machine_id(name)))
        }
        Some(("volume", name)) => arn("ec2", &format!("volume/{}", volume_id(name))),
        Some(("snapshot", name)) => arn(
            "ec2",
            &format!("snapshot/snap-0{}", hex(&format!("snapshot {name}"), 16)),
        ),
        Some(("balancer", name)) => arn(
            "elasticloadbalancing",
            &format!("loadbalancer/app/{name}/{}", hex(name, 16)),
        ),
        Some((service, rest)) => arn(service, rest),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::calendar::{OCTOBER, SEPTEMBER, on};
    use super::super::meters::QUILLFEN;
    use super::*;

    #[test]
    fn a_quiet_day_has_no_excess_and_a_spike_has() {
        let resize = QUILLFEN
            .iter()
            .find(|meter| meter.2 == super::super::meters::RESIZE)
            .unwrap();
        assert_eq!(excess(resize, on(OCTOBER, 1)), 0);
        assert!(excess(resize, on(SEPTEMBER, 16)) > 100 * ONE);
    }

    #[test]
    fn a_bucket_is_billed_by_name_and_tagged_by_arn() {
        let (owner, region) = (Account::Data, Region::UsEast1);
        assert_eq!(resource_id("bucket:b", owner, region), "b");
        assert_eq!(resource_arn("bucket:b", owner, region), "arn:aws:s3:::b");
        let database = "arn:aws:rds:us-east-1:012345678901:db:x";
        assert_eq!(resource_id("rds:db:x", owner, region), database);
    }
}
