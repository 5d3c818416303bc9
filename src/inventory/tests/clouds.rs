//! What the clouds themselves list, in tiny hand-made answers.

use super::*;
use crate::resource::key;

/// Id, kind, account, region, type, state of the only resource.
pub(super) fn only(json: &str) -> Resource {
    let mut found = text(json).unwrap();
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

pub(super) fn facts(one: &Resource) -> [&str; 6] {
    [
        &one.id,
        &one.kind,
        &one.sub_account,
        &one.region,
        one.machine_type.as_deref().unwrap_or(""),
        one.state.as_deref().unwrap_or(""),
    ]
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "what it is compared with is optional"
)]
pub(super) fn ids(list: &[&str]) -> Option<Vec<String>> {
    Some(list.iter().map(ToString::to_string).collect())
}

const VM: &str =
    "/subscriptions/5B3F/resourceGroups/R/providers/Microsoft.Compute/virtualMachines/web";

#[test]
fn config_items_are_read_as_they_were_last_and_deleted_ones_are_left_out() {
    let item = |id: &str, status: &str, captured: &str, configuration: &str| {
        format!(
            r#"{{"resourceType":"AWS::EC2::Volume","resourceId":"{id}","ARN":"arn:aws:ec2:eu-west-1:123456789012:volume/{id}",
            "awsRegion":"eu-west-1","awsAccountId":"123456789012","tags":{{"team":"web"}},"configurationItemStatus":"{status}",
            "configurationItemCaptureTime":"{captured}","resourceCreationTime":"2026-01-02T00:00:00Z","configuration":{configuration}}}"#
        )
    };
    let volume = r#"{"volumeType":"gp3","size":100,"iops":3000,"throughput":125,"state":{"value":"available"},"attachments":[],"snapshotId":"snap-1"}"#;
    let as_text = serde_json::to_string(volume).unwrap();
    let page = |items: &[String]| {
        format!(
            r#"{{"fileVersion":"1.0","configurationItems":[{}]}}"#,
            items.join(",")
        )
    };
    for configuration in [volume, &as_text] {
        let found = only(&page(&[
            item("vol-1", "OK", "2026-10-02T00:00:00Z", configuration),
            item("vol-1", "OK", "2026-10-01T00:00:00Z", "{}"),
            item("vol-2", "ResourceDeleted", "2026-10-02T00:00:00Z", "null"),
            item("vol-2", "OK", "2026-10-01T00:00:00Z", "{}"),
        ]));
        let arn = "arn:aws:ec2:eu-west-1:123456789012:volume/vol-1";
        assert_eq!(
            facts(&found),
            [
                arn,
                "ec2:volume",
                "123456789012",
                "eu-west-1",
                "gp3",
                "available"
            ]
        );
        let traits = &found.traits;
        assert_eq!(
            (traits.size_gib, traits.iops, traits.throughput),
            (Some(100), Some(3000), Some(125))
        );
        assert_eq!(
            (traits.attached_to.clone(), traits.source.as_deref()),
            (Some(Vec::new()), Some("snap-1"))
        );
        assert_eq!(
            (traits.created, found.tags["team"].as_str()),
            ("2026-01-02".parse().ok(), "web")
        );
    }
    assert!(text(r#"{"configurationItems":[{"resourceType":"AWS::EC2::Volume"}]}"#).is_err());
}

#[test]
fn resource_explorer_has_its_tags_in_properties_and_in_columns() {
    let json = r#"{"Count":{"Complete":true,"TotalResources":1},"Resources":[{"Arn":"arn:aws:sqs:eu-west-1:123456789012:jobs",
        "LastReportedAt":"2026-10-01T00:00:00Z","OwningAccountId":"123456789012","Region":"eu-west-1","ResourceType":"sqs:queue","Service":"sqs",
        "Properties":[{"Name":"tags","LastReportedAt":"2026-10-01T00:00:00Z","Data":[{"Key":"team","Value":"web"}]},{"Name":"x","Data":{"y":["z"]}}]}],"ViewArn":"v"}"#;
    let csv = "Identifier,Resource type,Region,AWS Account,ARN,Tag: team,Tag: env\n\
               jobs,sqs:queue,eu-west-1,123456789012,arn:aws:sqs:eu-west-1:123456789012:jobs,web,(not tagged)\n";
    for found in [only(json), only(csv)] {
        let arn = "arn:aws:sqs:eu-west-1:123456789012:jobs";
        assert_eq!(
            facts(&found)[..4],
            [arn, "sqs:queue", "123456789012", "eu-west-1"]
        );
        assert_eq!((found.tags.len(), found.tags["team"].as_str()), (1, "web"));
    }
}

#[test]
fn load_balancers_images_and_groups_have_what_their_checks_ask() {
    let balancer = only(
        r#"{"LoadBalancers":[{"LoadBalancerArn":"arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/web/50dc",
        "LoadBalancerName":"web","CreatedTime":"2026-03-04T00:00:00Z","State":{"Code":"active"},"Type":"application","AvailabilityZones":[{"ZoneName":"us-east-1a"}]}]}"#,
    );
    assert_eq!(
        (balancer.state.as_deref(), balancer.name.as_str()),
        (Some("active"), "web")
    );
    let image = only(
        r#"{"Images":[{"Architecture":"x86_64","CreationDate":"2026-03-04T00:00:00.000Z","ImageId":"ami-1","ImageLocation":"1/web","OwnerId":"1","State":"available",
        "Name":"web","BlockDeviceMappings":[{"DeviceName":"/dev/xvda","Ebs":{"SnapshotId":"snap-1","VolumeSize":8}},{"VirtualName":"ephemeral0"}]}]}"#,
    );
    assert_eq!(
        (image.traits.snapshots, image.traits.size_gib),
        (ids(&["snap-1"]), Some(8))
    );
    let group = only(
        r#"{"AutoScalingGroups":[{"AutoScalingGroupARN":"arn:aws:autoscaling:us-east-1:1:autoScalingGroup:u:autoScalingGroupName/web","AutoScalingGroupName":"web",
        "MinSize":2,"MaxSize":4,"Instances":[{"InstanceId":"i-1"},{"InstanceId":"i-2"}],"Tags":[{"Key":"team","Value":"web","ResourceId":"web"}]}]}"#,
    );
    assert_eq!(
        (group.traits.members, group.traits.attached_to),
        (Some((2, 4)), ids(&["i-1", "i-2"]))
    );
}

#[test]
fn describe_calls_say_what_is_unattached_and_since_when_it_is_stopped() {
    let found = text(
        r#"{"Volumes":[{"VolumeId":"vol-1","Size":12,"State":"available","VolumeType":"gp2","Iops":100,"SnapshotId":"","Attachments":[]},
            {"VolumeId":"vol-2","State":"in-use","VolumeType":"gp3","Attachments":[{"InstanceId":"i-1"}]},{"VolumeId":"vol-3","VolumeType":"gp3"}]}
        {"Addresses":[{"AllocationId":"eipalloc-1","PublicIp":"1.2.3.4"},{"AllocationId":"eipalloc-2","AssociationId":"a","NetworkInterfaceId":"eni-1"}]}
        {"Reservations":[{"Instances":[{"InstanceId":"i-1","InstanceType":"t3.nano","State":{"Code":80,"Name":"stopped"},"LaunchTime":"2026-05-01T00:00:00Z",
            "StateTransitionReason":"User initiated (2026-07-14 09:12:40 GMT)","BlockDeviceMappings":[{"Ebs":{"AttachTime":"2025-01-02T00:00:00Z","VolumeId":"vol-2"}}]}]}]}"#,
    )
    .unwrap();
    let used: Vec<_> = found
        .iter()
        .map(|one| one.traits.attached_to.clone())
        .collect();
    assert_eq!(
        used,
        [
            ids(&[]),
            ids(&["i-1"]),
            None,
            ids(&[]),
            ids(&["eni-1"]),
            None
        ]
    );
    assert_eq!(
        (found[0].traits.size_gib, found[0].machine_type.as_deref()),
        (Some(12), Some("gp2"))
    );
    assert_eq!(found[0].traits.source, None);
    let machine = &found[5].traits;
    assert_eq!(
        (machine.stopped_on, machine.created),
        ("2026-07-14".parse().ok(), "2025-01-02".parse().ok())
    );
}

#[test]
fn azure_machines_are_one_however_they_are_printed() {
    let cli = format!(
        r#"[{{"hardwareProfile":{{"vmSize":"Standard_D4s_v5"}},"id":"{VM}","location":"westeurope","name":"web","powerState":"VM deallocated","priority":"Spot",
        "storageProfile":{{"osDisk":{{"osType":"Linux"}}}},"tags":{{"team":"web"}},"timeCreated":"2026-01-02T00:00:00Z","type":"Microsoft.Compute/virtualMachines"}}]"#
    );
    let properties = r#"{"hardwareProfile":{"vmSize":"Standard_D4s_v5"},"priority":"Spot","provisioningState":"Succeeded","timeCreated":"2026-01-02T00:00:00Z","storageProfile":{"osDisk":{"osType":"Linux"}},
        "extended":{"instanceView":{"powerState":{"code":"PowerState/deallocated","displayStatus":"VM deallocated"}}}}"#;
    let row = format!(
        r#""id":"{VM}","name":"web","type":"microsoft.compute/virtualmachines","location":"westeurope","subscriptionId":"5b3f","tags":{{"team":"web"}},"properties":{properties}"#
    );
    let graph = format!(r#"{{"count":1,"data":[{{{row}}}],"skip_token":null,"total_records":1}}"#);
    let rest = format!(r#"{{"value":[{{{row}}}]}}"#);
    let quoted = properties.replace('\n', " ").replace('"', "\"\"");
    let csv = format!(
        "id,name,type,tenantId,kind,location,resourceGroup,subscriptionId,managedBy,sku,tags,properties\n\
         {VM},web,microsoft.compute/virtualmachines,t,,westeurope,r,5b3f,,null,\"{{\"\"team\"\":\"\"web\"\"}}\",\"{quoted}\"\n"
    );
    for dress in [cli, graph, rest, csv] {
        let found = only(&dress);
        let kind = found.kind.to_lowercase();
        assert_eq!(
            facts(&found)[2..],
            ["5b3f", "westeurope", "Standard_D4s_v5", "deallocated"],
            "{dress}"
        );
        assert_eq!(
            (kind.as_str(), found.platform.as_deref()),
            ("microsoft.compute/virtualmachines", Some("Linux"))
        );
        assert_eq!(
            (found.launched, found.spot, found.tags["team"].as_str()),
            ("2026-01-02".parse().ok(), true, "web")
        );
        assert_eq!(found.provider, "Microsoft");
    }
}

#[test]
fn azure_disks_and_addresses_say_who_uses_them() {
    let object = |kind: &str, rest: &str| {
        format!(
            r#"{{"id":"/subscriptions/s/resourceGroups/r/providers/{kind}/x","location":"West Europe","name":"x","type":"{kind}"{rest}}}"#
        )
    };
    let disk = "Microsoft.Compute/disks";
    let address = "Microsoft.Network/publicIPAddresses";
    let found = text(&format!(
        "[{}]",
        [
            object(disk, r#","diskState":"Unattached","diskSizeGb":128,"sku":{"name":"Premium_LRS"},"managedBy":null"#),
            object(disk, r#","properties":{"diskState":"Attached","diskSizeGB":"64"},"managedBy":"/vm""#),
            object(disk, ""),
            object(address, r#","publicIpAllocationMethod":"Static","ipConfiguration":null"#),
            object(address, r#","properties":{"publicIPAllocationMethod":"Static","ipConfiguration":{"id":"/nic"}}"#),
            object(address, r#","properties":{}"#),
        ]
        .join(",")
    ))
    .unwrap();
    let used: Vec<_> = found
        .iter()
        .map(|one| one.traits.attached_to.clone())
        .collect();
    assert_eq!(
        used,
        [
            ids(&[]),
            ids(&["/vm"]),
            None,
            ids(&[]),
            ids(&["/nic"]),
            None
        ]
    );
    assert_eq!(
        (found[0].traits.size_gib, found[1].traits.size_gib),
        (Some(128), Some(64))
    );
    assert_eq!(
        facts(&found[0])[3..],
        ["westeurope", "Premium_LRS", "Unattached"]
    );
}

#[test]
fn google_spells_its_assets_in_two_ways_and_bills_by_number() {
    let data = r#"{"id":"7001","name":"web","machineType":"https://www.googleapis.com/compute/v1/projects/shop/zones/europe-west3-a/machineTypes/n2-standard-4",
        "status":"TERMINATED","creationTimestamp":"2026-01-02T03:00:00.000-07:00","lastStopTimestamp":"2026-07-14T00:00:00Z","zone":"https://www.googleapis.com/compute/v1/projects/shop/zones/europe-west3-a",
        "labels":{"team":"web"},"selfLink":"https://www.googleapis.com/compute/v1/projects/shop/zones/europe-west3-a/instances/web","scheduling":{"preemptible":false},
        "metadata":{"items":[{"key":"startup-script","value":"TOP-SECRET"},{"key":"created-by","value":"projects/1/zones/z/instanceGroupManagers/pool"}]}}"#;
    let name = "//compute.googleapis.com/projects/shop/zones/europe-west3-a/instances/web";
    let asset = |key: &str| {
        format!(
            r#"{{"name":"{name}","{key}":"compute.googleapis.com/Instance","resource":{{"version":"v1","parent":"//x/projects/1","data":{data}}},"ancestors":["projects/1"]}}"#
        )
    };
    let (old, new) = (asset("asset_type"), asset("assetType"));
    let history = format!(
        r#"{{"assets":[{{"window":{{"startTime":"2026-01-02T00:00:00Z"}},"asset":{new}}},{{"window":{{"startTime":"2026-01-01T00:00:00Z"}},"deleted":true,"asset":{new}}}]}}"#
    );
    let listed = format!("[{data}]");
    let api = format!(
        r#"{{"kind":"compute#instanceAggregatedList","id":"x","items":{{"zones/a":{{"instances":[{data}]}},"zones/b":{{"warning":{{"code":"NO_RESULTS_ON_PAGE"}}}}}},"selfLink":"y"}}"#
    );
    for dress in [old, new, history, listed, api] {
        let found = only(&dress);
        assert_eq!(key(&found.id), key(name), "{dress}");
        assert_eq!(
            facts(&found)[1..],
            [
                "compute.googleapis.com/Instance",
                "shop",
                "europe-west3",
                "n2-standard-4",
                "TERMINATED"
            ]
        );
        assert_eq!(
            found.keys().nth(1).unwrap(),
            key("//compute.googleapis.com/projects/118273645/zones/europe-west3-a/instances/7001")
        );
        assert_eq!(
            (found.group.as_deref(), found.traits.stopped_on),
            (Some("pool"), "2026-07-14".parse().ok())
        );
        assert!(!format!("{found:?}").contains("TOP-SECRET"));
    }
    let search = only(
        r#"[{"assetType":"compute.googleapis.com/Instance","displayName":"web","labels":{"team":"web"},"location":"us-central1-a","name":"//compute.googleapis.com/projects/shop/zones/us-central1-a/instances/web","project":"projects/118"}]"#,
    );
    assert_eq!(
        (search.region.as_str(), search.tags["team"].as_str()),
        ("us-central1", "web")
    );
}
