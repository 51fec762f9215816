//! The copies of the database that pages are read from.

use postgres::replicas::Report;

use super::Part;
use crate::wiring::House;

const ADVICE: &str = "everything is read from the primary meanwhile; see to the replica, or take it out of database.replicas";

/// All of them as one, for who asks often. None where none are configured.
pub fn part(house: &House) -> Option<Part> {
    let reports = house.replicas.as_ref()?.report();
    let n_used = reports.iter().filter(|it| it.trouble.is_none()).count();
    let found = format!("{n_used} of {} follow the primary", reports.len());
    Some(if n_used == reports.len() {
        Part::fine("replicas", found)
    } else {
        Part::degraded("replicas", found, ADVICE)
    })
}

/// Each, looked at now.
pub async fn parts(house: &House) -> Vec<Part> {
    let Some(replicas) = &house.replicas else { return Vec::new() };
    replicas.look().await;
    replicas.report().into_iter().map(tell).collect()
}

fn tell(report: Report) -> Part {
    let Report { address, is_usable, trouble, version, lag_bytes, lag, served, fell_back } = report;
    let version = version.map_or_else(String::new, |it| format!("{it}, "));
    if let Some(trouble) = trouble {
        return Part::degraded("replica", format!("{address}: {version}{trouble}"), ADVICE);
    }
    if is_usable {
        let reads = format!("{served} reads served, {fell_back} left to the primary");
        return Part::fine("replica", format!("{address}: {version}has everything; {reads}"));
    }
    let (bytes, seconds) = (lag_bytes.unwrap_or_default(), lag.unwrap_or_default().as_secs_f64());
    let found =
        format!("{address}: {version}{bytes} bytes behind, its newest change {seconds:.1} s old");
    Part::degraded("replica", found, "fine if it catches up; else look at its log and the network")
}

/// Puts what is known of them among the numbers.
pub fn measure(house: &House) {
    for report in house.replicas.iter().flat_map(postgres::Replicas::report) {
        let Report { address, is_usable, lag_bytes, lag, served, fell_back, .. } = report;
        let replica = || address.clone();
        metrics::gauge!("revenge_replica_is_usable", "replica" => replica())
            .set(f64::from(u8::from(is_usable)));
        // Of one that is away nobody knows how far it is.
        let lag_bytes = lag_bytes.map_or(f64::NAN, |it| it as f64);
        metrics::gauge!("revenge_replica_lag_bytes", "replica" => replica()).set(lag_bytes);
        let lag_seconds = lag.map_or(f64::NAN, |it| it.as_secs_f64());
        metrics::gauge!("revenge_replica_lag_seconds", "replica" => replica()).set(lag_seconds);
        for (outcome, number) in [("served", served), ("fell_back", fell_back)] {
            metrics::counter!("revenge_replica_reads_total", "replica" => replica(), "outcome" => outcome)
                .absolute(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::system::Status;

    #[test]
    fn a_replica_is_told_by_what_it_is_good_for() {
        let well = Report {
            address: "db2:5432".to_owned(),
            is_usable: true,
            trouble: None,
            version: Some("18.4".to_owned()),
            lag_bytes: Some(0),
            lag: Some(Duration::ZERO),
            served: 5,
            fell_back: 1,
        };
        let check = |report: Report, status, found: &str| {
            let part = tell(report);
            assert_eq!((part.status, part.found.as_str()), (status, found));
        };
        let found = "db2:5432: 18.4, has everything; 5 reads served, 1 left to the primary";
        check(well.clone(), Status::Fine, found);
        let lag = Some(Duration::from_millis(1500));
        let behind = Report { is_usable: false, lag_bytes: Some(64), lag, ..well.clone() };
        let found = "db2:5432: 18.4, 64 bytes behind, its newest change 1.5 s old";
        check(behind, Status::Degraded, found);
        let trouble = Some("it is no copy of the primary".to_owned());
        let away = Report { is_usable: false, trouble, version: None, ..well };
        check(away, Status::Degraded, "db2:5432: it is no copy of the primary");
    }
}
