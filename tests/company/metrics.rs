//! Utilisation of the fleet: 32 days of hourly values, as a long CSV. CPU and memory are the
//! highest value of the hour, network the bytes of the hour.

use super::calendar::{Day, LAST_DAY, OCTOBER, on};
use super::chance::Dice;
use super::files::{Files, gzip};
use super::fleet::{self, Machine, Role};

const FIRST: Day = on(OCTOBER, 20);

/// A metric, under its `CloudWatch` name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Metric {
    Cpu,
    Memory,
    NetworkIn,
    NetworkOut,
}

const METRICS: [Metric; 4] = [
    Metric::Cpu,
    Metric::Memory,
    Metric::NetworkIn,
    Metric::NetworkOut,
];

/// How busy each hour of a working day is, in permille.
const HOURS: [i128; 24] = [
    120, 80, 60, 40, 30, 60, 160, 330, 560, 760, 880, 930, 900, 940, 1000, 980, 930, 850, 720, 600,
    480, 370, 270, 190,
];

/// Day, hour and value: tenths of a percent, or units of 10 kB.
pub(crate) type Sample = (Day, usize, i128);

/// The whole file.
pub(crate) fn write(files: &mut Files) -> std::io::Result<()> {
    let mut text = String::from("resource_id,timestamp,metric,value,stat,period\n");
    for machine in fleet::machines() {
        for metric in METRICS {
            push(&machine, metric, &mut text);
        }
    }
    files.insert("metrics/cpu-memory.csv.gz".to_owned(), gzip(&text)?);
    Ok(())
}

fn push(machine: &Machine, metric: Metric, text: &mut String) {
    let (name, stat) = match metric {
        Metric::Cpu => ("CPUUtilization", "Maximum"),
        Metric::Memory => ("mem_used_percent", "Maximum"),
        Metric::NetworkIn => ("NetworkIn", "Sum"),
        Metric::NetworkOut => ("NetworkOut", "Sum"),
    };
    let id = machine.id();
    for (day, hour, value) in samples(machine, metric) {
        let value = match metric {
            Metric::Cpu | Metric::Memory => format!("{}.{}", value / 10, value % 10),
            Metric::NetworkIn | Metric::NetworkOut => (value * 10_000).to_string(),
        };
        *text += &format!(
            "{id},{}T{hour:02}:00:00Z,{name},{value},{stat},3600\n",
            day.iso()
        );
    }
}

/// The samples of a machine: only hours it ran, and no memory where no agent runs.
pub(crate) fn samples(machine: &Machine, metric: Metric) -> Vec<Sample> {
    let measured = match metric {
        Metric::Memory => machine.role != Role::NoMemoryData,
        _ => true,
    };
    if machine.role == Role::Stopped || !measured {
        return Vec::new();
    }
    let days = (FIRST.0..=LAST_DAY.0)
        .map(Day)
        .filter(|&day| ran(machine, day));
    days.flat_map(|day| (0..24).map(move |hour| (day, hour)))
        .filter(|&(day, hour)| started(machine, day, hour))
        .map(|(day, hour)| (day, hour, value(machine, metric, day, hour)))
        .collect()
}

fn ran(machine: &Machine, day: Day) -> bool {
    !(machine.rests() && day.is_weekend())
}

fn started(machine: &Machine, day: Day, hour: usize) -> bool {
    let (first, first_hour) = machine.launched();
    let hour = i128::try_from(hour).unwrap_or(0);
    machine.role != Role::TooLittleData || (day, hour) >= (first, first_hour)
}

fn value(machine: &Machine, metric: Metric, day: Day, hour: usize) -> i128 {
    let [cpu_low, cpu_high, memory_low, memory_high, network] = machine.load;
    let mut dice = Dice::of(&format!("{} {metric:?} {} {hour}", machine.name, day.0));
    let weekday = if day.is_weekend() { 700 } else { 1000 };
    let busy = HOURS[hour] * weekday / 1000;
    let mut between = |low: i128, high: i128, part: i128| {
        let noise = dice.around(120) * (high - low) / 1000;
        (low + (high - low) * part / 1000 + noise).clamp(low, high)
    };
    match metric {
        Metric::Cpu => between(cpu_low, cpu_high, busy),
        Metric::Memory => between(memory_low, memory_high, 300 + busy / 2),
        Metric::NetworkIn => between(network / 4, network, busy),
        Metric::NetworkOut => between(network / 6, network * 3 / 5, busy),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(role: Role) -> Machine {
        fleet::machines()
            .find(|machine| machine.role == role)
            .unwrap()
    }

    #[test]
    fn a_full_history_has_32_days_of_hours() {
        assert_eq!(samples(&machine(Role::Idle), Metric::Cpu).len(), 32 * 24);
    }

    #[test]
    fn the_new_machine_has_less_than_thirty_hours() {
        assert_eq!(
            samples(&machine(Role::TooLittleData), Metric::Cpu).len(),
            28
        );
    }

    #[test]
    fn the_unwatched_machine_has_no_memory() {
        assert_eq!(
            samples(&machine(Role::NoMemoryData), Metric::Memory).len(),
            0
        );
    }
}
