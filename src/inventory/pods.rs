//! Containers of a cluster in Prometheus: what they request and use, by workload and container. Pods of one workload
//! come under one name, and of their samples at one time the highest counts: a request is made for each of them.
//! The number of pods is counted from their requests.

use super::gather::Gathered;
use std::collections::{BTreeMap, BTreeSet};

type Labels = BTreeMap<String, String>;

/// What a series of a container tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Seconds of CPU, counted up.
    CpuSeconds,
    /// Cores in use.
    Cores,
    /// Bytes in use.
    Memory,
    /// Cores requested.
    CpuRequest,
    /// Bytes requested.
    MemoryRequest,
    /// An autoscaler.
    Autoscaler,
}

impl What {
    pub(super) fn is_counter(self) -> bool {
        self == What::CpuSeconds
    }
}

/// What a series tells of a container; none where it is of none.
pub(super) fn what(name: &str, labels: &Labels) -> Option<What> {
    let is = |label: &str, value: &str| labels.get(label).is_some_and(|found| found == value);
    let what = match name {
        "container_cpu_usage_seconds_total" => What::CpuSeconds,
        "node_namespace_pod_container:container_cpu_usage_seconds_total:sum_irate"
        | "node_namespace_pod_container:container_cpu_usage_seconds_total:sum_rate5m" => {
            What::Cores
        }
        "container_memory_working_set_bytes"
        | "node_namespace_pod_container:container_memory_working_set_bytes" => What::Memory,
        "kube_pod_container_resource_requests" if is("resource", "cpu") => What::CpuRequest,
        "kube_pod_container_resource_requests" if is("resource", "memory") => What::MemoryRequest,
        "kube_pod_container_resource_requests_cpu_cores" => What::CpuRequest,
        "kube_pod_container_resource_requests_memory_bytes" => What::MemoryRequest,
        _ if name.starts_with("kube_horizontalpodautoscaler_") => What::Autoscaler,
        _ => return None,
    };
    Some(what)
}

/// Pods that requests were seen of, by container and time.
#[derive(Default)]
pub(super) struct Pods(BTreeMap<String, BTreeMap<i64, BTreeSet<String>>>);

impl Pods {
    /// Takes in a series; those of whole pods and of pause containers say nothing about a container.
    pub(super) fn take(
        &mut self,
        what: What,
        labels: &Labels,
        points: &[(i64, f64)],
        gathered: &mut Gathered,
    ) -> Result<(), String> {
        let label = |name: &str| labels.get(name).map(String::as_str).unwrap_or_default();
        if what == What::Autoscaler {
            let target = ["scaletargetref_name", "horizontalpodautoscaler", "hpa"];
            let target = target.iter().find_map(|name| labels.get(*name));
            let id = id(
                label("cluster"),
                label("namespace"),
                target.map_or("", String::as_str),
                "",
            );
            let last = points.last().map_or(0, |point| point.0);
            return gathered.measurement(&id, ["autoscaled", "Maximum", "", ""], last, 1.0);
        }
        let (pod, container) = (label("pod"), label("container"));
        if pod.is_empty() || matches!(container, "" | "POD") {
            return Ok(());
        }
        let workload = match label("workload") {
            "" => workload(pod),
            named => named,
        };
        let id = id(label("cluster"), label("namespace"), workload, container);
        let words = match what {
            What::CpuSeconds | What::Cores => ["cores", "", "cores", ""],
            What::Memory => ["memorybytes", "", "bytes", ""],
            What::CpuRequest => ["cpurequest", "", "cores", ""],
            _ => ["memoryrequest", "", "bytes", ""],
        };
        for &(time, number) in points {
            gathered.measurement(&id, words, time, number)?;
            if what == What::CpuRequest || what == What::MemoryRequest {
                let times = self.0.entry(id.clone()).or_default();
                times.entry(time).or_default().insert(pod.to_owned());
            }
        }
        Ok(())
    }

    /// Tells how many pods there were.
    #[allow(clippy::cast_precision_loss, reason = "counts of pods")]
    pub(super) fn count(&self, gathered: &mut Gathered) -> Result<(), String> {
        for (id, times) in &self.0 {
            for (time, pods) in times {
                gathered.measurement(id, ["pods", "", "", ""], *time, pods.len() as f64)?;
            }
        }
        Ok(())
    }
}

/// `k8s:CLUSTER/NAMESPACE/WORKLOAD:CONTAINER`, without what is not known.
pub(super) fn id(cluster: &str, namespace: &str, workload: &str, container: &str) -> String {
    let mut id = String::from("k8s:");
    if !cluster.is_empty() {
        id.push_str(cluster);
        id.push('/');
    }
    id.push_str(namespace);
    id.push('/');
    id.push_str(workload);
    if !container.is_empty() {
        id.push(':');
        id.push_str(container);
    }
    id
}

/// The workload that a pod's name was made from: what stands before the hash of a replica set and the letters of a
/// pod, or before the number in a stateful set.
fn workload(pod: &str) -> &str {
    let is_suffix = |text: &str| {
        text.len() == 5
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let is_hash = |text: &str| {
        (6..=10).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            && text.bytes().any(|byte| byte.is_ascii_digit())
    };
    match pod.rsplit_once('-') {
        Some((name, last)) if last.bytes().all(|byte| byte.is_ascii_digit()) => name,
        Some((rest, last)) if is_suffix(last) => match rest.rsplit_once('-') {
            Some((name, hash)) if is_hash(hash) => name,
            _ => rest,
        },
        _ => pod,
    }
}

#[cfg(test)]
mod tests {
    use super::super::metrics::{documents, settle};
    use super::*;
    use crate::resource::{Metric, Usage};
    use std::path::Path;

    #[test]
    fn pods_belong_to_the_workload_that_made_them() {
        for (pod, name) in [
            ("checkout-6d5f7c9b8d-x2k4p", "checkout"),
            ("api-gateway-7c9b8d6d5f-abcde", "api-gateway"),
            ("orders-db-0", "orders-db"),
            ("fluent-bit-9x7zq", "fluent-bit"),
            ("alone", "alone"),
        ] {
            assert_eq!(workload(pod), name);
        }
    }

    fn read(lines: &[(&str, &str)]) -> Vec<Usage> {
        let lines: Vec<String> = lines
            .iter()
            .map(|(labels, values)| format!(r#"{{"metric":{{{labels}}},"values":[{values}]}}"#))
            .collect();
        let text = format!(
            r#"{{"status":"success","data":{{"resultType":"matrix","result":[{}]}}}}"#,
            lines.join(",")
        );
        settle(vec![
            documents(Path::new("p.json"), text.as_bytes()).unwrap(),
        ])
        .usage
    }

    #[test]
    fn the_busiest_pod_tells_what_each_needs_and_pods_are_counted() {
        let of = |name: &str, pod: &str, more: &str| {
            format!(
                r#""__name__":"{name}","namespace":"shop","pod":"{pod}","container":"web"{more}"#
            )
        };
        let (a, b) = ("web-6d5f7c9b8d-aaaaa", "web-6d5f7c9b8d-bbbbb");
        let cpu = r#","resource":"cpu""#;
        let usage = read(&[
            (
                &of("container_cpu_usage_seconds_total", a, ""),
                r#"[0,"0"],[60,"30"],[120,"60"]"#,
            ),
            (
                &of("container_cpu_usage_seconds_total", b, ""),
                r#"[0,"0"],[60,"6"],[120,"66"]"#,
            ),
            (
                &of("container_memory_working_set_bytes", a, ""),
                r#"[0,"1000"],[60,"3000"]"#,
            ),
            (
                &of("kube_pod_container_resource_requests", a, cpu),
                r#"[0,"2"],[60,"2"]"#,
            ),
            (
                &of("kube_pod_container_resource_requests", b, cpu),
                r#"[0,"2"],[60,"2"]"#,
            ),
            (
                r#""__name__":"container_memory_working_set_bytes","namespace":"shop","pod":"x""#,
                r#"[0,"9"]"#,
            ),
            (
                r#""__name__":"kube_horizontalpodautoscaler_spec_max_replicas","namespace":"shop","horizontalpodautoscaler":"web""#,
                r#"[0,"9"]"#,
            ),
        ]);
        let of = |metric| {
            let series = usage.iter().find(|series| series.metric == metric).unwrap();
            (
                series.resource.as_str(),
                series.samples.iter().collect::<Vec<_>>(),
            )
        };
        let web = "k8s:shop/web:web";
        assert_eq!(of(Metric::Cores), (web, vec![(0, 0.5), (60, 1.0)]));
        assert_eq!(of(Metric::CpuRequest), (web, vec![(0, 2.0), (60, 2.0)]));
        assert_eq!(of(Metric::Pods), (web, vec![(0, 2.0), (60, 2.0)]));
        assert_eq!(
            of(Metric::MemoryBytes),
            (web, vec![(0, 1000.0), (60, 3000.0)])
        );
        assert_eq!(of(Metric::Autoscaled), ("k8s:shop/web", vec![(0, 1.0)]));
        assert_eq!(usage.len(), 5);
    }
}
