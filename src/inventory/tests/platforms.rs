//! Clusters, `OpenCost` and Terraform: what they list, and what of it must never be kept.

use super::clouds::{facts, ids, only};
use super::*;

#[test]
fn nodes_are_the_machines_that_they_run_on() {
    let node = |provider_id: &str| {
        format!(
            r#"{{"apiVersion":"v1","kind":"Node","metadata":{{"name":"node-1","creationTimestamp":"2026-03-04T00:00:00Z","labels":{{"node.kubernetes.io/instance-type":"m5.large","topology.kubernetes.io/region":"eu-west-1","eks.amazonaws.com/nodegroup":"blue","eks.amazonaws.com/capacityType":"SPOT"}}}},
            "spec":{{"providerID":"{provider_id}"}},"status":{{"capacity":{{"cpu":"2"}}}}}}"#
        )
    };
    let list = |items: &[String]| {
        format!(
            r#"{{"apiVersion":"v1","items":[{}],"kind":"List","metadata":{{}}}}"#,
            items.join(",")
        )
    };
    let found = only(&list(&[node("aws:///eu-west-1b/i-0ab")]));
    assert_eq!(
        facts(&found)[1..5],
        ["ec2:instance", "", "eu-west-1", "m5.large"]
    );
    assert_eq!(
        (found.group.as_deref(), found.spot, found.tags.len()),
        (Some("blue"), true, 4)
    );
    let described = only(&page(MACHINE));
    let merged = merge(vec![found, described]);
    assert_eq!((merged.len(), merged[0].tags.len()), (1, 6));
    let google = only(&node("gce://shop/europe-west3-a/web"));
    assert_eq!(
        facts(&google)[1..3],
        ["compute.googleapis.com/Instance", "shop"]
    );
    let azure = only(&node(
        "azure:///subscriptions/5B3F/resourceGroups/r/providers/Microsoft.Compute/virtualMachineScaleSets/p/virtualMachines/0",
    ));
    assert_eq!(
        (azure.sub_account.as_str(), azure.provider.as_str()),
        ("5b3f", "Microsoft")
    );
    assert_eq!(only(&node("")).kind, "k8s:node");
    let secret = r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},"data":{"password":"TOP-SECRET"}}"#.to_owned();
    let pod = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-1","namespace":"shop","labels":{"app":"web"},"ownerReferences":[{"kind":"ReplicaSet","name":"web"}]},"spec":{"nodeName":"node-1","containers":[{"env":[{"name":"K","value":"TOP-SECRET"}]}]},"status":{"phase":"Running"}}"#.to_owned();
    let volume = r#"{"apiVersion":"v1","kind":"PersistentVolume","metadata":{"name":"pvc-1"},"spec":{"csi":{"volumeHandle":"vol-0a"},"claimRef":{"namespace":"shop","name":"data"}},"status":{"phase":"Bound"}}"#.to_owned();
    let found = text(&list(&[secret, pod, volume])).unwrap();
    assert_eq!(facts(&found[0])[..2], ["k8s:pod/shop/web-1", "k8s:pod"]);
    assert_eq!(
        (
            found[0].group.as_deref(),
            found[0].traits.attached_to.clone()
        ),
        (Some("web"), ids(&["node-1"]))
    );
    assert_eq!(
        (found[1].id.as_str(), found[1].kind.as_str(), found.len()),
        ("vol-0a", "ec2:volume", 2)
    );
    assert!(!format!("{found:?}").contains("TOP-SECRET"));
    let scaler = r#"{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"web-hpa","namespace":"shop"},"spec":{"scaleTargetRef":{"kind":"Deployment","name":"web"},"minReplicas":2,"maxReplicas":9}}"#;
    let found = only(&list(&[scaler.to_owned()]));
    assert_eq!(
        (found.kind.as_str(), found.traits.attached_to),
        ("k8s:horizontalpodautoscaler", ids(&["shop/web"]))
    );
}

#[test]
fn opencost_names_namespaces_and_controllers() {
    let json = r#"{"code":200,"data":[{"__idle__":{"properties":{"cluster":"c"}},"a":{"properties":{"cluster":"c","namespace":"shop","controllerKind":"deployment","controller":"web","namespaceLabels":{"team":"x","org":"y"},"labels":{"team":"web"}},"totalCost":1}},
        {"a":{"properties":{"cluster":"c","namespace":"shop","controllerKind":"deployment","controller":"web"}}}]}"#;
    let found = only(json);
    assert_eq!(
        (found.id.as_str(), found.kind.as_str()),
        ("k8s:c/deployment/shop/web", "k8s:deployment")
    );
    assert_eq!(
        (found.tags["team"].as_str(), found.tags["org"].as_str()),
        ("web", "y")
    );
    let csv = "Date,Namespace,ControllerKind,ControllerName,Pod,Container,CPUCoreUsageAverage,TotalCost,Labels\n\
               2026-10-01,shop,deployment,web,web-1,web,0.1,1.5,\"{\"\"team\"\":\"\"web\"\"}\"\n\
               2026-10-02,shop,deployment,web,web-2,web,0.1,1.5,\n\
               2026-10-02,__idle__,,,,,0.1,1.5,\n";
    let found = only(csv);
    assert_eq!(
        (found.id.as_str(), found.tags["team"].as_str()),
        ("k8s:deployment/shop/web", "web")
    );
    assert_eq!(recognise(csv.as_bytes()), Some(Shape::OpenCost));
}

pub(super) const STATE: &str = r#"{"version":4,"terraform_version":"1.9.0","serial":1,"lineage":"l","outputs":{"db_password":{"value":"TOP-SECRET-1","type":"string"}},"resources":[
  {"mode":"data","type":"aws_ami","name":"x","provider":"p","instances":[{"attributes":{"id":"ami-1","arn":"arn:aws:ec2:us-east-1::image/ami-1"}}]},
  {"mode":"managed","type":"aws_db_instance","name":"x","provider":"p","instances":[{"index_key":"TOP-SECRET-2","attributes":{"id":"orders","arn":"arn:aws:rds:us-east-1:123456789012:db:orders","password":"TOP-SECRET-3",
     "instance_class":"db.t3.micro","allocated_storage":20,"engine":"postgres","multi_az":true,"tags":{"team":"web"},"tags_all":{"team":"web","env":"prod"}},"private":"TOP-SECRET-4"}]},
  {"mode":"managed","type":"random_password","name":"x","provider":"p","instances":[{"attributes":{"id":"TOP-SECRET-5","result":"TOP-SECRET-6"}}]},
  {"mode":"managed","type":"azurerm_managed_disk","name":"x","provider":"p","instances":[{"attributes":{"id":"/subscriptions/s/resourceGroups/r/providers/Microsoft.Compute/disks/d","location":"westeurope","tags":{"team":"web"}}}]},
  {"mode":"managed","type":"google_compute_instance","name":"x","provider":"p","instances":[{"attributes":{"id":"projects/shop/zones/europe-west3-a/instances/web","self_link":"https://www.googleapis.com/compute/v1/projects/shop/zones/europe-west3-a/instances/web","project":"shop","zone":"europe-west3-a","machine_type":"n2-standard-4","metadata":{"k":"TOP-SECRET-7"},"labels":{"team":"web"}}}]}]}"#;

#[test]
fn a_state_gives_its_resources_and_keeps_its_secrets() {
    let found = text(STATE).unwrap();
    assert_eq!(found.len(), 3);
    let database = &found[0];
    assert_eq!(
        facts(database),
        [
            "arn:aws:rds:us-east-1:123456789012:db:orders",
            "rds:db",
            "123456789012",
            "us-east-1",
            "db.t3.micro",
            ""
        ]
    );
    assert_eq!(
        (
            database.tags.len(),
            database.traits.size_gib,
            database.traits.multi_az
        ),
        (2, Some(20), Some(true))
    );
    assert_eq!(
        (found[1].provider.as_str(), found[1].region.as_str()),
        ("Microsoft", "westeurope")
    );
    assert_eq!(
        facts(&found[2])[2..5],
        ["shop", "europe-west3", "n2-standard-4"]
    );
    assert!(!format!("{found:?}").contains("SECRET"));
}

#[test]
fn no_error_about_a_broken_state_quotes_it() {
    let mut wrong: Vec<String> = (0..STATE.len())
        .filter(|at| STATE.is_char_boundary(*at))
        .map(|at| STATE[..at].to_owned())
        .collect();
    wrong.push(STATE.replace("\"version\":4", "\"version\":3"));
    wrong.push(STATE.replace("\"resources\":[", "\"resources\":\"TOP-SECRET\",\"x\":["));
    wrong.push(STATE.replace("[{\"attributes\"", "[\"TOP-SECRET\",{\"attributes\""));
    wrong.push(STATE.replace(
        "{\"id\":\"orders\"",
        "\"TOP-SECRET\",\"x\":{\"id\":\"orders\"",
    ));
    let mut errors = 0;
    for text_of in wrong {
        match text(&text_of) {
            Ok(found) => assert!(!format!("{found:?}").contains("SECRET")),
            Err(error) => {
                errors += 1;
                assert!(!format!("{error} {error:?}").contains("SECRET"), "{error}");
            }
        }
    }
    assert!(errors > 1000, "most of these are broken");
}
